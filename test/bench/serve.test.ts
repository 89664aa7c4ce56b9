import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { insert } from '../../bench/markdown.js';
import { type ServeResult, type ServeRow, serveMarkdown, serveTables, serveText } from '../../bench/serve/table.js';

const host = { cpu: 'a', cores: 2, memoryGiB: 1, node: '20', v8: '11', instructions: 'simd' };
const result: ServeResult = {
  ...{ date: '2026-01-01', command: 'npm run bench:serve', host, rounds: 3, seconds: 1, workers: 2, cap: 2 },
  rows: [
    { network: 'n', contestant: 'library', perSecond: [100, 200, 50] },
    {
      ...{ network: 'n', contestant: 'senet-serve', perSecond: [95, 180, 50], agreement: 0 },
      ...{ lone: [10, 12, 11], evenP99: [15, 14, 40], randomP99: [20, 30, 25], batch: [1, 2, 1] },
    },
    { network: 'n', contestant: 'ort', perSecond: [40, 90, 25], agreement: 2e-7 },
    { network: 'n', contestant: 'ort-native', error: 'not installed' },
  ],
};

test('ratios are of each round, and their median counts; what could not be measured says why', () => {
  const [speeds, latencies] = serveTables(result);
  expect(speeds?.slice(1)).toEqual([
    ['n', 'the library alone', '100.0', '1.00', '', ''],
    ['n', 'senet-serve', '95.0', '0.95', '', '0.0e+0'],
    ['n', 'onnxruntime-web behind Fastify', '40.0', '0.45', '2.00', '2.0e-7'],
    ['n', 'onnxruntime-node behind Fastify', 'not installed', '', '', ''],
  ]);
  expect(latencies?.slice(1)).toEqual([['n', '11', '15', '19', '25', '1.0']]);
});

test('what was aimed at is told as met or missed, and native onnxruntime where it was measured', () => {
  const text = (rows: ServeResult['rows']): string => serveText({ ...result, rows });
  expect(serveText(result)).toBe(
    [
      'n: POST /v1/classify answers 95.0 % of what the library alone classifies; at least 90 % was aimed at (met).',
      'At half load a p99 of at most 19 ms was aimed at: 1.5 times a lone request and 2 ms.',
      'It is 15 ms with even arrivals (met), and 25 ms with arrivals by chance (missed).',
      'It answers 2.00 times as many as onnxruntime-web; more than 1 was aimed at (met).',
    ].join(' '),
  );
  const [library, ours] = result.rows as [ServeRow, ServeRow];
  const slow = { ...ours, perSecond: [80, 160, 40], evenP99: [21, 22, 23] };
  const native = { network: 'n', contestant: 'ort-native', perSecond: [160, 320, 80] } as const;
  expect(text([library, slow, native])).toMatch(
    /answers 80\.0 % .* \(missed\).* 22 ms with even arrivals \(missed\).* 0\.50 times as many as .*native\.$/,
  );
});

test('the figures of docs/serving.md are of the newest result: npm run bench:report', () => {
  const results = new URL('../../bench/results/serve/', import.meta.url);
  const newest = readdirSync(results).sort().at(-1) as string;
  const measured = JSON.parse(readFileSync(new URL(newest, results), 'utf8')) as ServeResult;
  const page = readFileSync(new URL('../../docs/serving.md', import.meta.url), 'utf8');
  expect(insert(page, 'serve', `\n${serveMarkdown(measured)}\n`)).toBe(page);
});

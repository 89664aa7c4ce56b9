import { expect, test } from 'vitest';
import { type ServeResult, serveTables, serveText } from '../../bench/serve/table.js';

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
  expect(serveText(result)).toBe('n: POST /v1/classify answers 95.00 % of what the library alone classifies');
});

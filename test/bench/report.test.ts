import { expect, test } from 'vitest';
import { seCostSvg, timesSvg } from '../../bench/charts.js';
import { insert, reportMarkdown } from '../../bench/markdown.js';
import type { BenchRow, Result } from '../../bench/result.js';

const timed = (se: boolean, medianMs: number, more: object): BenchRow => ({
  model: 'timm/legacy_seresnet50',
  se,
  engine: 'senet',
  variant: 'relaxed',
  algorithms: 'direct',
  runtime: 'Node 20',
  threads: 1,
  batch: 1,
  medianMs,
  p95Ms: medianMs,
  minMs: medianMs,
  gflops: 60,
  version: '0.1.0',
  agreement: 1e-6,
  ...more,
});

const result: Result = {
  date: '2026-11-24',
  command: 'npm run bench',
  host: { cpu: 'A CPU', cores: 2, memoryGiB: 4, node: '20', v8: '11', instructions: 'SIMD' },
  rounds: { 1: 21 },
  rows: [
    timed(true, 101.26, { minMs: 98.71, seCostPercent: { median: 0.66, low: 0.5, high: 0.8, pairs: 21 } }),
    timed(false, 100.6, {}),
    timed(true, 60.44, {
      threads: 2,
      seCostPercent: { median: 1, low: 0.5, high: 1.5, pairs: 21 },
      speedup: { median: 1.91, low: 1.88, high: 1.93, pairs: 21 },
    }),
    { model: 'timm/legacy_seresnet50', engine: 'senet', variant: '', runtime: 'Bun 1', batch: 1, error: 'not installed' },
  ],
  starts: [],
};

test('the table has milliseconds with and without gates, what they cost, threads where there are more, and what could not be timed', () => {
  const report = reportMarkdown(result);
  expect(report).toContain('| senet relaxed direct | Node 20 | 101.3 (98.7) _100.6_ | +0.66 % (+0.50 to +0.80) |');
  expect(report).toContain('| senet relaxed direct, 2 threads | Node 20 | 60.4 (60.4) | +1.00 % (+0.50 to +1.50) |');
  expect(report).toContain(
    '2 threads against one, in turns, the median of paired ratios and its 95 % interval:\n\n- legacy_seresnet50 direct 1.91 (1.88 to 1.93)',
  );
  expect(report).toContain('not installed');
});

test('each chart is one SVG that names its contestants', async () => {
  for (const svg of [await timesSvg(result), await seCostSvg(result)]) {
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/);
    expect(svg.trim()).toMatch(/<\/svg>$/);
    expect(svg).toContain('senet relaxed direct, Node 20');
    expect(svg).toContain('senet relaxed direct, 2 threads, Node 20');
  }
});

test('only what stands between the markers is replaced', () => {
  const readme = insert('a\n<!-- bench:paper:start -->\nold\n<!-- bench:paper:end -->\nz', 'paper', 'new');
  expect(readme).toMatch(/^a\n<!-- bench:paper:start -->\s+new\s+<!-- bench:paper:end -->\nz$/);
});

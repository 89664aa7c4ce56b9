import { expect, test } from 'vitest';
import type { MeasuredStep } from '../../src/measure/measure.js';
import { productsOf, profileText, summarise } from '../../src/report/profile.js';

const step = (kernel: string, ms: number, macs: number, gate: boolean): MeasuredStep => ({
  ...{ kernel, tile: '', ops: '', layer: `layer of ${kernel}`, from: '', to: '', ms, macs, layerMacs: macs, bytes: 2e6 },
  ...{ product: macs > 0 ? '1×1' : '', gate },
});
const memory = { weights: 2 ** 20, checkpoint: 2 ** 20, arena: 2 ** 21, leastArena: 2 ** 20 };
const measured = (...steps: readonly MeasuredStep[]) => ({ steps, pairedVectors: false, memory, runMs: [] });
const peak = { gflops: 40, gigabytesPerSecond: 10 };

test('steps by kernel, the slowest first, with rates by the peak and shares of all time', () => {
  const report = summarise(measured(step('squeeze', 1, 0, true), step('conv', 2, 2e7, false), step('conv', 1, 1e7, false)), peak, 4e7);
  expect(report.totals).toEqual({ ms: 4, macs: 3e7, networkMacs: 4e7, bytes: 6e6, gflops: 15, peakShare: 0.375 });
  expect(report.steps.map(({ gflops, peakShare, gigabytesPerSecond, share }) => [gflops, peakShare, gigabytesPerSecond, share])).toEqual([
    [0, 0, 2, 0.25],
    [20, 0.5, 1, 0.5],
    [20, 0.5, 2, 0.25],
  ]);
  expect(report.byKernel).toEqual([
    { name: 'conv', calls: 2, ms: 3, share: 0.75, macs: 3e7 },
    { name: 'squeeze', calls: 1, ms: 1, share: 0.25, macs: 0 },
  ]);
  expect(report.gates).toEqual({ name: 'gates', calls: 1, ms: 1, share: 0.25, macs: 0 });
  expect(productsOf(report).map(({ layer, macsPerByte }) => [layer, macsPerByte])).toEqual([
    ['layer of conv', 10],
    ['layer of conv', 5],
  ]);
});

test('what is printed has the sums, and speaks of gates where there are any', () => {
  const conv = step('conv', 2, 2e7, false);
  const plain = profileText(summarise(measured(conv), peak, 2e7));
  expect(plain).toContain("All: 2.0 ms, 20.0 GFLOP/s, 50.0 % of the peak; 20.00 MMAC made for the network's 20.00.");
  expect(plain).not.toContain('gates:');
  expect(profileText(summarise(measured(conv, step('scaleAddRelu', 1, 0, true)), peak, 2e7))).toContain('gates: squeeze, mean');
});

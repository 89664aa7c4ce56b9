import { expect, test } from 'vitest';
import { cosineSchedule, oneCycleSchedule, type Schedule, stepSchedule } from '../../src/train/schedule.js';

/** Expected numbers by PyTorch 1.13's torch.optim.lr_scheduler. Equal but for a few roundings of numbers below 1. */
function expectRates(schedule: Schedule, expected: readonly number[]): void {
  const errors = expected.map((rate, step) => Math.abs(schedule(step) - rate));
  expect(Math.max(...errors)).toBeLessThanOrEqual(8 * Number.EPSILON);
}

test('steps: tenfold less from each given step on', () => {
  expectRates(stepSchedule({ lr: 0.4, at: [2, 5] }), [0.4, 0.4, 0.04, 0.04, 0.04, 0.004, 0.004]);
  expectRates(stepSchedule({ lr: 0.5, at: [1], factor: 0.5 }), [0.5, 0.25, 0.25]);
  expectRates(stepSchedule({ lr: 0.5, at: [] }), [0.5, 0.5]);
});

test('cosine: down to the last rate, where it stays', () => {
  // biome-ignore format: the oracle's own digits
  const expected = [0.4, 0.38515650883970093, 0.34288582233137677, 0.2796232693111925, 0.205, 0.13037673068880748, 0.06711417766862324, 0.024843491160299085, 0.01];
  expectRates(cosineSchedule({ lr: 0.4, steps: 8, end: 0.01 }), [...expected, 0.01]);
  expect(cosineSchedule({ lr: 0.4, steps: 8 })(8)).toBe(0);
});

test('one cycle: up, and down to almost nothing', () => {
  // biome-ignore format: the oracle's own digits
  const expected = [0.016000000000000014, 0.20800000000000002, 0.4, 0.38019385280538953, 0.3246982615799052, 0.24450480877451572, 0.1554967912254843, 0.0753033384200948, 0.019807747194610516, 1.6e-06];
  expectRates(oneCycleSchedule({ lr: 0.4, steps: 10 }), [...expected, 1.6e-6]);
  expectRates(oneCycleSchedule({ lr: 1, steps: 5, rise: 0.6, start: 0.5, end: 0.25 }), [0.5, 0.75, 1, 0.625, 0.25]);
});

test('one cycle of too few steps for a rise, or for a fall', () => {
  expectRates(oneCycleSchedule({ lr: 1, steps: 4, rise: 0.25, start: 0.5, end: 0.25 }), [1, 0.8125, 0.4375, 0.25]);
  expectRates(oneCycleSchedule({ lr: 1, steps: 3, rise: 1, start: 0.5, end: 0.25 }), [0.5, 0.75, 1, 0.25]);
});

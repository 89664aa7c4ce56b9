import { describe, expect, test } from 'vitest';
import { overlap, sampleOf, studentT, welch } from '../../src/stats/student.js';

/** The share of Student's distribution between −t and t: Simpson's rule over its density, without its constant, over a half as far as it counts. */
function within(t: number, degrees: number): number {
  const density = (x: number): number => (1 + (x * x) / degrees) ** (-(degrees + 1) / 2);
  // x = tan(u) brings infinity to π/2
  const area = (to: number): number => {
    const steps = 2000;
    const end = Math.atan(to);
    const f = (u: number): number => (Math.cos(u) < 1e-12 ? (degrees === 1 ? 1 : 0) : density(Math.tan(u)) / Math.cos(u) ** 2);
    let sum = f(0) + f(end);
    for (let i = 1; i < steps; i++) sum += (i % 2 ? 4 : 2) * f((i * end) / steps);
    return (sum * end) / steps / 3;
  };
  return area(t) / area(Infinity);
}

test('95 % of Student’s distribution lie between −t and t, as far as three decimals of t say', () => {
  for (let degrees = 1; degrees <= 30; degrees++) {
    const t = studentT(degrees);
    expect(within(t - 0.0005, degrees), `${degrees} degrees`).toBeLessThanOrEqual(0.95);
    expect(within(t + 0.0005, degrees), `${degrees} degrees`).toBeGreaterThanOrEqual(0.95);
  }
  expect(studentT(3.9)).toBe(studentT(3));
  expect(studentT(1000)).toBe(studentT(30));
});

describe('samples', () => {
  test('of three values: mean, deviation, and an interval of two degrees of freedom', () => {
    const { mean, deviation, low, high } = sampleOf([1, 2, 3]);
    expect([mean, deviation]).toEqual([2, 1]);
    expect(high - mean).toBe(studentT(2) / Math.sqrt(3));
    expect(low - mean).toBe(mean - high);
  });

  test('of equal variances and sizes: Welch’s interval has the degrees of both', () => {
    const { difference, low, high } = welch([1, 2, 3], [5, 6, 7]);
    expect(difference).toBe(4);
    expect(low).toBe(4 - studentT(4) * Math.sqrt(1 / 3 + 1 / 3));
    expect(high).toBe(4 + studentT(4) * Math.sqrt(1 / 3 + 1 / 3));
  });

  test('of which one does not vary: Welch’s interval has the degrees of the other', () => {
    const { low } = welch([1, 2, 3], [5, 5, 5]);
    expect(low).toBe(3 - studentT(2) * Math.sqrt(1 / 3));
    expect(welch([1, 1], [2, 2])).toEqual({ difference: 1, low: 1, high: 1 });
  });

  test('intervals overlap where they share a point', () => {
    expect(overlap({ low: 0, high: 1 }, { low: 1, high: 2 })).toBe(true);
    expect(overlap({ low: 1.5, high: 2 }, { low: 0, high: 1 })).toBe(false);
    expect(overlap({ low: 0, high: 3 }, { low: 1, high: 2 })).toBe(true);
  });
});

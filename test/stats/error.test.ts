import { expect, test } from 'vitest';
import { decibels, largestDifference, relativeError } from '../../src/stats/error.js';

test('the largest difference, and in units of the largest true value', () => {
  expect(largestDifference([1, -2, 3], [1, -2.5, 2])).toBe(1);
  expect(relativeError([1, -2, 3], [1, -4, 3])).toBe(0.5);
  expect(relativeError([0, 0], [0, 5])).toBe(1);
});

test('what cannot be compared is not taken for equal', () => {
  expect(relativeError([1], [1, 2])).toBeNaN();
  expect(relativeError([1, Number.NaN], [1, 2])).toBeNaN();
  expect(relativeError([1, 2], [1, Number.NaN])).toBeNaN();
  expect(relativeError([], [1])).toBeNaN();
});

test('signal over noise: a tenth of the size is 20 dB, nothing is infinitely many', () => {
  expect(decibels([1.1, -2.2], [1, -2])).toBeCloseTo(20, 10);
  expect(decibels([1, 0], [1, 0])).toBe(Infinity);
  expect(decibels([0, 0], [0, 0])).toBe(Infinity);
  expect(decibels([1], [1, 2])).toBeNaN();
  expect(decibels([Number.NaN], [1])).toBeNaN();
});

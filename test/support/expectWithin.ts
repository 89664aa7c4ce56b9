import { expect } from 'vitest';
import { type Bounded, worst } from '../../src/bound/bound.js';
import type { Tensor } from '../../src/tensor.js';

/** Fails unless every value lies within its bound. */
export function expectWithin(actual: Tensor, expected: Bounded, what = 'value'): void {
  expect(actual.shape, what).toEqual(expected.value.shape);
  const { ratio, index } = worst(actual, expected);
  const message = `${what}[${index}] is ${actual.data[index]}, exactly ${expected.value.data[index]}: ${ratio} bounds off (${expected.roundings} roundings)`;
  expect(ratio, message).toBeLessThanOrEqual(1);
}

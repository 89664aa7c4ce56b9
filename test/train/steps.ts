import { expect } from 'vitest';
import type { Tensor } from '../../src/tensor.js';
import type { Tensors } from '../../src/train/optimiser.js';

/** The steps that optimisers are compared with PyTorch on: three weights, five rates, gradients made up. Float64. */
const vector = (...values: readonly number[]): Tensors => new Map([['p', { shape: [values.length], data: Float64Array.from(values) }]]);

export const start = vector(0.5, -1, 2);
export const rates = [0.1, 0.1, 0.01, 0.5, 0.02] as const;
export const gradientAt = (step: number): Tensors => vector(0.1 * (step + 1), -0.3 + 0.2 * step, 0.25 - 0.05 * step * step);

/** Equal but for the rounding of a few operations a step, in another order: none of these numbers is larger than 4. */
export function expectNear({ data }: Tensor, expected: readonly number[]): void {
  expect(data).toHaveLength(expected.length);
  const errors = expected.map((value, i) => Math.abs((data[i] as number) - value));
  const operations = 20 * rates.length;
  expect(Math.max(...errors)).toBeLessThanOrEqual(operations * 4 * Number.EPSILON);
}

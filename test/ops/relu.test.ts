import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { relu } from '../../src/ops/relu.js';
import { tensor, widen } from '../../src/tensor.js';

test('keeps what is positive, zeroes the rest, and NaN stays NaN', () => {
  const x = tensor([7], [-Infinity, -1, -0, 0, 2 ** -149, Infinity, NaN]);
  expect(forwards.relu([x], {})).toEqual(tensor([7], [0, 0, 0, 0, 2 ** -149, Infinity, NaN]));
});

test('any shape, and float64 stays float64', () => {
  const x = widen(tensor([1, 2, 1, 1], [0.1, -1]));
  expect(forwards.relu([x], {})).toEqual({ shape: [1, 2, 1, 1], data: Float64Array.of(Math.fround(0.1), 0) });
});

test('takes one operand', () => {
  expect(relu.infer([[2, 3]], {})).toEqual([2, 3]);
  expect(() => relu.infer([[2], [2]], {})).toThrow(ShapeError);
});

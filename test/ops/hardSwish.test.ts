import { describe, expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { hardSigmoid } from '../../src/ops/hardSigmoid.js';
import { hardSwish } from '../../src/ops/hardSwish.js';
import { tensor, widen } from '../../src/tensor.js';

const x = tensor([10], [-Infinity, -4, -3, -1.5, 0, 1.5, 3, 6, Infinity, NaN]);

test('hardSigmoid by hand: 0 up to −3, 1 from 3 on, a straight line between', () => {
  expect(forwards.hardSigmoid([x], {})).toEqual(tensor([10], [0, 0, 0, 0.25, 0.5, 0.75, 1, 1, 1, NaN]));
});

test('hardSwish by hand: x times that; −∞ times 0 is NaN, as in PyTorch', () => {
  const y = forwards.hardSwish([x], {});
  expect([...y.data].map((value) => value + 0)).toEqual([NaN, 0, 0, -0.375, 0, 1.125, 3, 6, Infinity, NaN]);
});

test('float64 stays float64: a sixth of 1 and of 4', () => {
  const wide = widen(tensor([1], [1]));
  expect(forwards.hardSigmoid([wide], {}).data).toEqual(Float64Array.of(4 / 6));
  expect(forwards.hardSwish([wide], {}).data).toEqual(Float64Array.of(4 / 6));
});

describe.each([hardSigmoid, hardSwish])('%#', (op) => {
  test('takes one operand of any shape', () => {
    expect(op.infer([[2, 3]], {})).toEqual([2, 3]);
    expect(() => op.infer([], {})).toThrow(ShapeError);
  });
});

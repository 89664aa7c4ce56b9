import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { relu6 } from '../../src/ops/relu6.js';
import { tensor } from '../../src/tensor.js';

test('keeps what lies between 0 and 6, clips the rest, and NaN stays NaN', () => {
  const x = tensor([8], [-Infinity, -1, 0, 2 ** -149, 5.5, 7, Infinity, NaN]);
  expect(forwards.relu6([x], {})).toEqual(tensor([8], [0, 0, 0, 2 ** -149, 5.5, 6, 6, NaN]));
});

test('takes one operand of any shape', () => {
  expect(relu6.infer([[2, 3]], {})).toEqual([2, 3]);
  expect(() => relu6.infer([[2], [2]], {})).toThrow(ShapeError);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { tanh } from '../../src/ops/tanh.js';
import { tensor } from '../../src/tensor.js';

const float64 = (x: number) => ({ shape: [1], data: Float64Array.of(x) });
const at = (x: number): number => forwards.tanh([float64(x)], {}).data[0] as number;

test('by hand: 0 in the middle, ±1 at the ends, ½ at half the logarithm of 3, NaN stays NaN', () => {
  const x = tensor([6], [0, 1000, -1000, Infinity, -Infinity, NaN]);
  expect(forwards.tanh([x], {})).toEqual(tensor([6], [0, 1, -1, 1, -1, NaN]));
  expect(Math.fround(at(Math.log(3) / 2))).toBe(0.5);
});

test('is odd, and 2σ(2x) − 1', () => {
  fc.assert(
    fc.property(fc.double({ min: -20, max: 20, noNaN: true }), (x) => {
      expect(at(-x)).toBe(-at(x));
      // σ is off by 4 roundings at most, doubled, and the difference by one; tanh by one.
      const other = 2 * (forwards.sigmoid([float64(2 * x)], {}).data[0] as number) - 1;
      expect(Math.abs(at(x) - other)).toBeLessThanOrEqual(5 * Number.EPSILON);
    }),
  );
});

test('takes one operand of any shape', () => {
  expect(tanh.infer([[2, 3]], {})).toEqual([2, 3]);
  expect(() => tanh.infer([], {})).toThrow(ShapeError);
});

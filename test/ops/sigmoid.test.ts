import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { sigmoid } from '../../src/ops/sigmoid.js';
import { tensor } from '../../src/tensor.js';

const at = (x: number): number => forwards.sigmoid([{ shape: [1], data: Float64Array.of(x) }], {}).data[0] as number;

test('by hand: ½ in the middle, 0 and 1 at the ends, NaN stays NaN', () => {
  const x = tensor([6], [0, -0, 1000, -1000, Infinity, NaN]);
  expect(forwards.sigmoid([x], {})).toEqual(tensor([6], [0.5, 0.5, 1, 0, 1, NaN]));
});

test('odds are powers of e: σ/(1 − σ) = 3 at ln 3', () => {
  expect(Math.fround(at(Math.log(3)))).toBe(0.75);
  expect(Math.fround(at(-Math.log(3)))).toBe(0.25);
});

test('rises from 0 to 1, and σ(x) + σ(−x) = 1', () => {
  const u = Number.EPSILON / 2;
  fc.assert(
    fc.property(fc.double({ min: -800, max: 800, noNaN: true }), fc.double({ min: 2 ** -20, max: 10, noNaN: true }), (x, step) => {
      const y = at(x);
      expect(y).toBeGreaterThanOrEqual(0);
      expect(y).toBeLessThanOrEqual(1);
      expect(at(x + step)).toBeGreaterThanOrEqual(y);
      // An exponential (within 2u), a sum and a quotient each way; their errors reach σ diminished by σ′ ≤ 1. Then the last sum.
      expect(Math.abs(y + at(-x) - 1)).toBeLessThanOrEqual((2 * 4 + 1) * u);
    }),
  );
});

test('takes one operand of any shape', () => {
  expect(sigmoid.infer([[2, 3]], {})).toEqual([2, 3]);
  expect(() => sigmoid.infer([], {})).toThrow(ShapeError);
});

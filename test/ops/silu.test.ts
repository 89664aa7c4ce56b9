import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { silu } from '../../src/ops/silu.js';
import { tensor } from '../../src/tensor.js';

const at = (x: number): number => forwards.silu([{ shape: [1], data: Float64Array.of(x) }], {}).data[0] as number;

test('by hand: 0 at 0, x far to the right, nothing far to the left; −∞ times 0 is NaN, as in PyTorch', () => {
  const x = tensor([6], [0, 1000, -1000, Infinity, -Infinity, NaN]);
  expect([...forwards.silu([x], {}).data].map((y) => y + 0)).toEqual([0, 1000, 0, Infinity, NaN, NaN]);
  expect(Math.fround(at(Math.log(3)))).toBe(Math.fround(0.75 * Math.log(3)));
});

test('silu(x) − silu(−x) = x', () => {
  const u = Number.EPSILON / 2;
  fc.assert(
    fc.property(fc.double({ min: -700, max: 700, noNaN: true }), (x) => {
      // An exponential (within 2u), a sum and a quotient each way, and the difference; quotients of denormals are off by one of them.
      expect(Math.abs(at(x) - at(-x) - x)).toBeLessThanOrEqual((2 * 4 + 1) * u * Math.abs(x) + 2 * Number.MIN_VALUE);
    }),
  );
});

test('takes one operand of any shape', () => {
  expect(silu.infer([[2, 3]], {})).toEqual([2, 3]);
  expect(() => silu.infer([], {})).toThrow(ShapeError);
});

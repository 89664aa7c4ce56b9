import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { softmax } from '../../src/ops/softmax.js';
import { map, type Tensor, tensor, widen } from '../../src/tensor.js';
import { extents, seeds, wholes } from '../support/arbitraries.js';

const of = (x: Tensor): Tensor => forwards.softmax([x], {});

test('by hand: equal scores share, ln 3 makes three to one', () => {
  expect(of(tensor([2, 4], [7, 7, 7, 7, 0, 0, 0, -Infinity]))).toEqual(tensor([2, 4], [0.25, 0.25, 0.25, 0.25, 1 / 3, 1 / 3, 1 / 3, 0]));
  expect(of({ shape: [1, 2], data: Float64Array.of(Math.log(3), 0) }).data.map(Math.fround)).toEqual(Float64Array.of(0.75, 0.25));
});

test('adding a number to a row changes nothing, however large the scores', () => {
  fc.assert(
    fc.property(extents(3), extents(8), seeds(), fc.integer({ min: -1e9, max: 1e9 }), (N, C, seed, shift) => {
      const x = widen(wholes([N, C], seed));
      expect(of(map(x, (score) => score + shift))).toEqual(of(x));
    }),
  );
});

test('rows are distributions', () => {
  const u = Number.EPSILON / 2;
  fc.assert(
    fc.property(extents(3), extents(40), seeds(), (N, C, seed) => {
      const y = of(widen(wholes([N, C], seed))).data;
      for (let n = 0; n < N; n++) {
        const row = [...y.subarray(n * C, (n + 1) * C)];
        expect(Math.min(...row)).toBeGreaterThan(0);
        // γₙ (Higham 2002, §3.1): each of two sums has C − 1 roundings, a quotient one; what the exponentials err by cancels.
        const roundings = 2 * (C - 1) + 1;
        expect(Math.abs(row.reduce((sum, p) => sum + p, 0) - 1)).toBeLessThanOrEqual((roundings * u) / (1 - roundings * u));
      }
    }),
  );
});

test('NaN spoils its own row', () => {
  expect(of(tensor([2, 2], [NaN, 0, 1, 1]))).toEqual(tensor([2, 2], [NaN, NaN, 0.5, 0.5]));
});

test('takes one operand [N, C]', () => {
  expect(softmax.infer([[2, 3]], {})).toEqual([2, 3]);
  // biome-ignore format: one case a line
  for (const shapes of [[], [[2, 3, 1, 1]], [[2, 3], [2, 3]]]) expect(() => softmax.infer(shapes, {})).toThrow(ShapeError);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { globalAvgPool } from '../../src/ops/globalAvgPool.js';
import { tensor, widen } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';

test('by hand: the mean of each plane, NaN in its own', () => {
  const u = tensor([2, 2, 1, 2], [1, 2, 3, 5, -1, 1, NaN, 8]);
  expect(forwards.globalAvgPool([u], {})).toEqual(tensor([2, 2], [1.5, 4, 0, NaN]));
});

test('is the average pool whose window is the plane', () => {
  fc.assert(
    fc.property(extents(2), extents(3), extents(5), extents(5), seeds(), (N, C, H, W, seed) => {
      const u = seeded([N, C, H, W], seed);
      const attrs = { kernel: [H, W], stride: [1, 1], padding: [0, 0, 0, 0], rounding: 'floor', divisor: 'window' } as const;
      expect(forwards.globalAvgPool([u], {}).data).toEqual(forwards.avgPool2d([u], attrs).data);
    }),
  );
});

test('sums in float64, rounds once: to float32, or not at all', () => {
  const u = tensor([1, 1, 1, 3], [2 ** 30, 1, -(2 ** 30)]);
  expect(forwards.globalAvgPool([u], {}).data).toEqual(Float32Array.of(1 / 3));
  expect(forwards.globalAvgPool([widen(u)], {}).data).toEqual(Float64Array.of(1 / 3));
});

test('takes one [N, C, H, W]', () => {
  expect(globalAvgPool.infer([[2, 3, 4, 5]], {})).toEqual([2, 3]);
  for (const shapes of [[], [[2, 3]], [[2, 3, 4]]]) expect(() => globalAvgPool.infer(shapes, {})).toThrow(ShapeError);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { globalMaxPool } from '../../src/ops/globalMaxPool.js';
import { tensor } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';

test('by hand: the largest of each plane, below 0 too, NaN in its own', () => {
  const u = tensor([2, 2, 1, 2], [1, 2, -3, -5, -Infinity, -Infinity, NaN, 8]);
  expect(forwards.globalMaxPool([u], {})).toEqual(tensor([2, 2], [2, -3, -Infinity, NaN]));
});

test('is the max pool whose window is the plane', () => {
  fc.assert(
    fc.property(extents(2), extents(3), extents(5), extents(5), seeds(), (N, C, H, W, seed) => {
      const u = seeded([N, C, H, W], seed);
      const attrs = { kernel: [H, W], stride: [1, 1], padding: [0, 0, 0, 0], rounding: 'floor' } as const;
      expect(forwards.globalMaxPool([u], {}).data).toEqual(forwards.maxPool2d([u], attrs).data);
    }),
  );
});

test('takes one [N, C, H, W]', () => {
  expect(globalMaxPool.infer([[2, 3, 4, 5]], {})).toEqual([2, 3]);
  for (const shapes of [[], [[2, 3]], [[2, 3, 4]]]) expect(() => globalMaxPool.infer(shapes, {})).toThrow(ShapeError);
});

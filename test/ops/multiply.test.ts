import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { multiply } from '../../src/ops/multiply.js';
import { scaleBy } from '../../src/ops/scaleBy.js';
import { map, tensor, widen } from '../../src/tensor.js';
import { extents, seeds, wholes } from '../support/arbitraries.js';
import { fill } from '../support/planes.js';

test('multiply by hand, NaN in its own place', () => {
  const [a, b] = [tensor([1, 2, 1, 2], [1, 2, 3, NaN]), tensor([1, 2, 1, 2], [5, -1, 0.5, 0])];
  expect(forwards.multiply([a, b], {})).toEqual(tensor([1, 2, 1, 2], [5, -2, 1.5, NaN]));
});

test('scale is multiply by a plane of equal gates; scaleBy is multiply by a plane of one number', () => {
  fc.assert(
    fc.property(extents(2), extents(4), extents(4), extents(4), seeds(), (N, C, H, W, seed) => {
      const [u, s] = [wholes([N, C, H, W], seed), wholes([N, C], seed + 1)];
      const plane = fill(u, u.shape, (n, c) => s.data[n * C + c] as number);
      expect(forwards.multiply([u, plane], {})).toEqual(forwards.scale([u, s], {}));
      expect(forwards.multiply([u, map(u, () => 3)], {})).toEqual(forwards.scaleBy([u], { factor: 3 }));
    }),
  );
});

test('one rounding, to float32 or not at all; the factor itself is a double', () => {
  const x = tensor([1], [0.1]);
  const product = 0.17 * Math.fround(0.1);
  expect(forwards.scaleBy([x], { factor: 0.17 }).data).toEqual(Float32Array.of(product));
  expect(forwards.scaleBy([widen(x)], { factor: 0.17 }).data).toEqual(Float64Array.of(product));
});

test('multiply takes two equal shapes, scaleBy one of any', () => {
  expect(scaleBy.infer([[2, 3]], { factor: 2 })).toEqual([2, 3]);
  for (const shapes of [
    [[2, 3]],
    [
      [2, 3, 1, 1],
      [2, 3],
    ],
    [
      [2, 3],
      [3, 2],
    ],
  ])
    expect(() => multiply.infer(shapes, {})).toThrow(ShapeError);
  expect(() => scaleBy.infer([[2], [2]], { factor: 2 })).toThrow(ShapeError);
});

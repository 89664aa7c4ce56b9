import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { scale } from '../../src/ops/scale.js';
import { tensor, widen } from '../../src/tensor.js';
import { extents, seeds, wholes } from '../support/arbitraries.js';

test('by hand: a gate for each image and channel', () => {
  const u = tensor([2, 2, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  expect(forwards.scale([u, tensor([2, 2], [1, 10, 0, -1])], {})).toEqual(tensor([2, 2, 1, 2], [1, 2, 30, 40, 0, 0, -7, -8]));
});

test('is a depthwise 1×1 convolution by the gates', () => {
  fc.assert(
    fc.property(extents(5), extents(4), extents(4), seeds(), (C, H, W, seed) => {
      const [u, s] = [wholes([1, C, H, W], seed), wholes([1, C], seed + 1)];
      const attrs = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: C } as const;
      // + 0 makes the −0 of a product the 0 that a sum from 0 gives.
      const y = forwards.scale([u, s], {});
      expect({ ...y, data: y.data.map((value) => value + 0) }).toEqual(forwards.conv2d([u, tensor([C, 1, 1, 1], s.data)], attrs));
    }),
  );
});

test('one rounding, float64 in float64 out, NaN in its own channel', () => {
  const [u, s] = [tensor([1, 2, 1, 1], [0.1, 0.1]), tensor([1, 2], [0.3, NaN])];
  const product = Math.fround(0.1) * Math.fround(0.3);
  expect(forwards.scale([u, s], {}).data).toEqual(Float32Array.of(product, NaN));
  expect(forwards.scale([widen(u), widen(s)], {}).data).toEqual(Float64Array.of(product, NaN));
});

test('takes [N, C, H, W] and [N, C]', () => {
  // biome-ignore format: one case a line
  for (const shapes of [[[2, 3, 4, 4]], [[2, 3, 4, 4], [2, 4]], [[2, 3, 4, 4], [1, 3]], [[2, 3, 4, 4], [2, 3, 1, 1]], [[2, 3], [2, 3]]])
    expect(() => scale.infer(shapes, {})).toThrow(ShapeError);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { linear } from '../../src/ops/linear.js';
import { type Shape, type Tensor, tensor, widen } from '../../src/tensor.js';
import { extents, seeds, wholes } from '../support/arbitraries.js';

const reshape = ({ data }: Tensor, shape: Shape): Tensor => tensor(shape, data);

test('by hand: two images, with and without a bias', () => {
  const x = tensor([2, 2], [1, 2, 3, 4]);
  const w = tensor([3, 2], [1, 0, 0, 1, 10, 100]);
  expect(forwards.linear([x, w], {})).toEqual(tensor([2, 3], [1, 2, 210, 3, 4, 430]));
  expect(forwards.linear([x, w, tensor([3], [5, 6, 7])], {})).toEqual(tensor([2, 3], [6, 8, 217, 8, 10, 437]));
});

test('is a 1×1 convolution of a 1×1 plane, whichever way its weights are stored', () => {
  fc.assert(
    fc.property(extents(3), extents(9), extents(5), seeds(), (N, C, O, seed) => {
      const [x, w, b] = [wholes([N, C], seed), wholes([O, C], seed + 1), wholes([O], seed + 2)];
      const y = forwards.linear([x, w, b], {});
      const w4 = reshape(w, [O, C, 1, 1]);
      expect(forwards.linear([x, w4, b], {})).toEqual(y);
      const attrs = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;
      expect(reshape(forwards.conv2d([reshape(x, [N, C, 1, 1]), w4, b], attrs), [N, O])).toEqual(y);
    }),
  );
});

test('of planes, read in the order channel, row, column, is a convolution over the whole plane, whichever way its weights are stored', () => {
  fc.assert(
    fc.property(extents(3), extents(4), extents(3), extents(3), extents(4), seeds(), (N, C, H, W, O, seed) => {
      const [x, w, b] = [wholes([N, C, H, W], seed), wholes([O, C, H, W], seed + 1), wholes([O], seed + 2)];
      const y = forwards.linear([x, w, b], {});
      expect(forwards.linear([x, reshape(w, [O, C * H * W]), b], {})).toEqual(y);
      expect(forwards.linear([reshape(x, [N, C * H * W]), reshape(w, [O, C * H * W]), b], {})).toEqual(y);
      const attrs = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;
      expect(reshape(forwards.conv2d([x, w, b], attrs), [N, O])).toEqual(y);
    }),
  );
});

test('sums in float64, rounds once: to float32, or not at all', () => {
  const [x, w] = [tensor([1, 3], [2 ** 30, 1, -(2 ** 30)]), tensor([1, 3], [1, 0.1, 1])];
  const y = 2 ** 30 + Math.fround(0.1) - 2 ** 30;
  expect(forwards.linear([x, w], {}).data).toEqual(Float32Array.of(y));
  expect(forwards.linear([widen(x), widen(w)], {}).data).toEqual(Float64Array.of(y));
});

test('NaN spoils its own image', () => {
  expect(forwards.linear([tensor([2, 1], [NaN, 1]), tensor([2, 1], [0, 1])], {})).toEqual(tensor([2, 2], [NaN, NaN, 0, 1]));
});

test('MACs: one a weight and image', () => {
  expect(linear.macs([[3, 5], [7, 5, 1, 1], [7]], [3, 7], {})).toBe(3 * 5 * 7);
});

// biome-ignore format: one row a case
const unfit: readonly (readonly [what: string, shapes: readonly Shape[]])[] = [
  ['no weights', [[1, 3]]],
  ['an operand too many', [[1, 3], [4, 3], [4], [4]]],
  ['an image of other extents', [[1, 3, 8, 8], [4, 3]]],
  ['an image on its side', [[1, 3, 8, 4], [4, 3, 4, 8]]],
  ['weights of a convolution on a vector', [[1, 12], [4, 3, 2, 2]]],
  ['three extents', [[1, 3, 8], [4, 24]]],
  ['other channels', [[1, 3], [4, 5]]],
  ['weights of a 3×3 convolution', [[1, 3], [4, 3, 3, 3]]],
  ['weights of rank 3', [[1, 3], [4, 3, 1]]],
  ['a bias of another length', [[1, 3], [4, 3], [3]]],
  ['a bias of rank 2', [[1, 3], [4, 3], [4, 1]]],
];
test.each(unfit)('%s is a ShapeError', (_, shapes) => {
  expect(() => linear.infer(shapes, {})).toThrow(ShapeError);
});

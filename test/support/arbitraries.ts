import fc from 'fast-check';
import { extents, seeds } from '../../reference/properties/draw.js';
import { convolutions, pools } from '../../reference/properties/windows.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import type { Conv2dAttrs, PoolAttrs } from '../../src/ops/op.js';
import { map, type Shape, type Tensor } from '../../src/tensor.js';

export { boxes, extents, pairs, seeds } from '../../reference/properties/draw.js';

/** Generators draw shapes and a seed, never arrays of floats, so that failures shrink to a 1×1×1×1 case. */

/** Uniform in [−1, 1): fmix32 of the index, as generator uniform-v1 makes images. Equal seeds give equal values. */
export const seeded = (shape: Shape, seed: number): Tensor => syntheticTensor('input', shape, seed);

/** Whole numbers from −4 to 4, so small that sums of products are exact and laws hold to the bit. */
export const wholes = (shape: Shape, seed: number): Tensor => map(seeded(shape, seed), (value) => Math.round(value * 4) + 0);

export interface ConvCase {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly attrs: Conv2dAttrs;
}

/** A convolution of whole numbers: any groups, stride, dilation and padding. */
export const convCase = (): fc.Arbitrary<ConvCase> =>
  fc
    .record({ convolution: convolutions(fc.tuple(extents(3), extents(3), extents(3)), 7), seed: seeds() })
    .map(({ convolution: { image, filter, attrs }, seed }) => ({ x: wholes(image, seed), w: wholes(filter, seed + 1), attrs }));

export interface PoolCase {
  readonly x: Tensor;
  readonly attrs: PoolAttrs;
}

/** A pool over whole numbers, its padding smaller than its window. */
export const poolCase = (): fc.Arbitrary<PoolCase> =>
  fc.record({ pool: pools(2), seed: seeds() }).map(({ pool: { image, attrs }, seed }) => ({ x: wholes(image, seed), attrs }));

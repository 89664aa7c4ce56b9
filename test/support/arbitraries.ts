import fc from 'fast-check';
import { syntheticTensor } from '../../src/io/synthetic.js';
import type { Box, Conv2dAttrs, Pair, PoolAttrs } from '../../src/ops/op.js';
import { map, type Shape, type Tensor } from '../../src/tensor.js';

/** Generators draw shapes and a seed, never arrays of floats, so that failures shrink to a 1×1×1×1 case. */

/** Uniform in [−1, 1): fmix32 of the index, as generator uniform-v1 makes images. Equal seeds give equal values. */
export const seeded = (shape: Shape, seed: number): Tensor => syntheticTensor('input', shape, seed);

/** Whole numbers from −4 to 4, so small that sums of products are exact and laws hold to the bit. */
export const wholes = (shape: Shape, seed: number): Tensor => map(seeded(shape, seed), (value) => Math.round(value * 4) + 0);

export const seeds = (): fc.Arbitrary<number> => fc.nat(2 ** 31 - 1);
export const extents = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
export const pairs = (max: number): fc.Arbitrary<Pair> => fc.tuple(extents(max), extents(max));
/** Four different sides: a swapped pair of them must show. */
export const boxes = (max: number): fc.Arbitrary<Box> => fc.tuple(fc.nat(max), fc.nat(max), fc.nat(max), fc.nat(max));

export interface ConvCase {
  readonly x: Tensor;
  readonly w: Tensor;
  readonly attrs: Conv2dAttrs;
}

/** A convolution of whole numbers: any groups, stride, dilation and padding, on a plane that the kernel fits. */
export const convCase = (): fc.Arbitrary<ConvCase> =>
  fc
    .record({
      batch: extents(2),
      groups: extents(3),
      channels: extents(3), // of a group, as are outputs
      outputs: extents(3),
      beyond: fc.tuple(fc.nat(4), fc.nat(4)), // cells by which the plane exceeds the dilated kernel
      kernel: pairs(3),
      stride: pairs(3),
      padding: boxes(2),
      dilation: pairs(2),
      seed: seeds(),
    })
    .map(({ batch, groups, channels, outputs, beyond, kernel: [P, Q], stride, padding, dilation, seed }) => ({
      x: wholes([batch, channels * groups, dilation[0] * (P - 1) + 1 + beyond[0], dilation[1] * (Q - 1) + 1 + beyond[1]], seed),
      w: wholes([outputs * groups, channels, P, Q], seed + 1),
      attrs: { stride, padding, dilation, groups },
    }));

export interface PoolCase {
  readonly x: Tensor;
  readonly attrs: PoolAttrs;
}

/** A pool over whole numbers, its padding smaller than its window. */
export const poolCase = (): fc.Arbitrary<PoolCase> =>
  fc
    .record({
      batch: extents(2),
      channels: extents(2),
      beyond: fc.tuple(fc.nat(5), fc.nat(5)),
      kernel: pairs(3),
      stride: pairs(4),
      padding: boxes(2),
      rounding: fc.constantFrom('floor' as const, 'ceil' as const),
      seed: seeds(),
    })
    .map(({ batch, channels, beyond, kernel: [P, Q], stride, padding: [top, right, bottom, left], rounding, seed }) => ({
      x: wholes([batch, channels, P + beyond[0], Q + beyond[1]], seed),
      attrs: {
        kernel: [P, Q],
        stride,
        padding: [top % P, right % Q, bottom % P, left % Q],
        rounding,
      },
    }));

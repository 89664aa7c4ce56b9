import fc from 'fast-check';
import type { Conv2dAttrs, PoolAttrs } from '../../src/ops/op.js';
import type { Shape } from '../../src/tensor.js';
import { boxes, extents, pairs } from './draw.js';

export interface Convolution {
  readonly image: Shape;
  readonly filter: Shape;
  readonly attrs: Conv2dAttrs;
  readonly bias: boolean;
}

/** Groups, and channels and outputs of each. */
export type Grouping = readonly [number, number, number];

/** A convolution of any kernel, stride, padding and dilation, on a plane that its kernel fits with the padding. */
export const convolutions = (grouping: fc.Arbitrary<Grouping>, plane = 13): fc.Arbitrary<Convolution> =>
  fc
    .record({
      batch: extents(2),
      grouping,
      plane: pairs(plane),
      kernel: pairs(4),
      stride: pairs(3),
      padding: boxes(2),
      dilation: pairs(2),
      bias: fc.boolean(),
    })
    .map(({ batch, grouping: [groups, inputs, outputs], plane: [H, W], kernel: [P, Q], stride, padding, dilation, bias }) => {
      const height = Math.max(H, dilation[0] * (P - 1) + 1 - padding[0] - padding[2]);
      const width = Math.max(W, dilation[1] * (Q - 1) + 1 - padding[1] - padding[3]);
      return {
        image: [batch, inputs * groups, height, width],
        filter: [outputs * groups, inputs, P, Q],
        attrs: { stride, padding, dilation, groups },
        bias,
      };
    });

export interface Pool {
  readonly image: Shape;
  readonly attrs: PoolAttrs;
}

/** A pool of any window, its padding smaller than it, floor and ceil, on a plane that holds it. */
export const pools = (channels: number, window = 3): fc.Arbitrary<Pool> =>
  fc
    .record({
      batch: extents(2),
      channels: extents(channels),
      beyond: fc.tuple(fc.nat(5), fc.nat(5)),
      kernel: pairs(window),
      stride: pairs(4),
      padding: boxes(2),
      rounding: fc.constantFrom('floor' as const, 'ceil' as const),
    })
    .map(({ batch, channels, beyond, kernel: [P, Q], stride, padding: [top, right, bottom, left], rounding }) => ({
      image: [batch, channels, P + beyond[0], Q + beyond[1]],
      attrs: { kernel: [P, Q], stride, padding: [top % P, right % Q, bottom % P, left % Q], rounding },
    }));

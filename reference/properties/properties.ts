import fc from 'fast-check';
import type { AvgPoolAttrs, Conv2dAttrs, DetectionOp, ImportedOp, InferenceOp, OpAttrs } from '../../src/ops/op.js';
import type { Shape } from '../../src/tensor.js';
import type { Case, Op } from './case.js';
import { extents, pairs, seeds } from './draw.js';
import type { Values } from './values.js';
import { type Convolution, convolutions, type Grouping, pools } from './windows.js';

/**
 * What the cross-check draws: for each op any shape, attributes and kind of numbers. Extents lie on both sides of every register tile (4, 5, 6
 * rows; 8, 16 columns), of the blocks of 60 rows, and of a GPU's tiles and workgroups (16, 32, 64, 256).
 */

type Shapes<K extends Op> = Pick<Case<K>, 'inputs' | 'params' | 'attrs'>;

const finite: readonly Values[] = ['ordinary', 'ordinary', 'ordinary', 'zeros', 'mixed', 'tiny', 'huge', 'denormal'];
/** An infinity or a NaN is one activation in eight or so: for ops of few terms. */
const any: readonly Values[] = [...finite, 'infinite', 'nan'];
/**
 * For sums of products with weights, which are finite. IEEE 754 defines them whatever their order: a NaN, or infinities of either sign, make NaN;
 * infinities of one sign are that infinity; padding is 0 times a finite weight; what lies outside a window, in another group or in another image is
 * no term, so it may not show. Winograd's filtering is excused within a tile: see judge.ts.
 */
const scattered: readonly Values[] = [...finite, 'scattered'];

const casesOf = <K extends Op>(op: K, values: readonly Values[], shapes: fc.Arbitrary<Shapes<K>>): fc.Arbitrary<Case> =>
  fc.record({ shapes, values: fc.constantFrom(...values), seed: seeds() }).map(({ shapes, ...rest }) => ({ op, ...shapes, ...rest }));

/** [N, C, H, W] of some thousand values at most. */
const planes = (): fc.Arbitrary<Shape> =>
  fc.oneof(fc.tuple(extents(2), extents(20), extents(9), extents(9)), fc.tuple(extents(1), extents(3), extents(33), extents(33)));
/** [N, C] */
const rows = (): fc.Arbitrary<Shape> => fc.tuple(extents(4), extents(300));
const none = {};

const groupings = (): fc.Arbitrary<Grouping> =>
  fc.oneof(
    { weight: 12, arbitrary: fc.noBias(fc.tuple(fc.constant(1), extents(80), extents(40))) }, // most are wide,
    { weight: 2, arbitrary: fc.tuple(extents(4), extents(17), extents(17)) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(2, 8, 32), fc.constant(4), fc.constant(4)) }, // ResNeXt's
    { weight: 1, arbitrary: fc.tuple(extents(40), fc.constant(1), extents(2)) }, // depthwise
  );

/**
 * Whether our kernels read groups apart. Those of fewer than 8 outputs that share a panel of 8 meet each other's activations with weights of 0
 * (src/plan/spans.ts), and 0 · ∞ is NaN: a limit of ours that ARCHITECTURE.md states, so no infinity is drawn for them.
 */
function apart({ params, attrs }: Case): boolean {
  const { groups } = attrs as Conv2dAttrs;
  const [outputs, channels] = params[0] as readonly [number, number];
  const each = outputs / groups;
  return groups === 1 || each >= 8 || (channels === 1 && each === 1) || (channels === 4 && each === 4 && groups % 2 === 0);
}

const convShapes = ({ image, filter, attrs, bias }: Convolution): Shapes<'conv2d'> => ({
  inputs: [image],
  params: bias ? [filter, [filter[0] as number]] : [filter],
  attrs,
});

/** 3×3 of stride 1 on 8 channels or more: what Winograd's filtering computes. */
const conv3x3 = (): fc.Arbitrary<Shapes<'conv2d'>> =>
  fc
    .record({
      batch: extents(2),
      inputs: extents(33, 8),
      outputs: extents(33),
      plane: fc.tuple(extents(15, 2), extents(15, 2)),
      padding: fc.tuple(extents(2, 1), fc.nat(2), fc.nat(2), extents(2, 1)),
      bias: fc.boolean(),
    })
    .map(({ batch, inputs, outputs, plane, padding, bias }) =>
      convShapes({
        image: [batch, inputs, ...plane],
        filter: [outputs, inputs, 3, 3],
        attrs: { stride: [1, 1], padding, dilation: [1, 1], groups: 1 },
        bias,
      }),
    );

/** Of vectors, and of planes that are read as such. */
const linears = (): fc.Arbitrary<Shapes<'linear'>> =>
  fc
    .record({
      x: fc.oneof(
        { weight: 3, arbitrary: fc.tuple(extents(70), fc.noBias(extents(300))) },
        { weight: 1, arbitrary: fc.tuple(extents(4), extents(20), extents(5), extents(5)) },
      ),
      outputs: extents(70),
      square: fc.boolean(),
      bias: fc.boolean(),
    })
    .map(({ x, outputs, square, bias }) => {
      const [, channels, height = 1, width = 1] = x as readonly number[] as readonly [number, number, number?, number?];
      const weight = square ? [outputs, channels, height, width] : [outputs, channels * height * width];
      return { inputs: [x], params: bias ? [weight, [outputs]] : [weight], attrs: none };
    });

const pointwise = (shapes: fc.Arbitrary<Shape>): fc.Arbitrary<{ inputs: readonly Shape[]; params: readonly Shape[]; attrs: object }> =>
  shapes.map((shape) => ({ inputs: [shape], params: [], attrs: none }));

const concats = (): fc.Arbitrary<Shapes<'concat'>> =>
  fc
    .tuple(extents(2), pairs(9), fc.array(extents(20), { minLength: 1, maxLength: 5 }))
    .map(([N, plane, channels]) => ({ inputs: channels.map((C) => [N, C, ...plane]), params: [], attrs: none }));

/** Two equal shapes. */
const pairsOf = (shapes: fc.Arbitrary<Shape>) => shapes.map((shape) => ({ inputs: [shape, shape], params: [], attrs: none }));

const shuffles = (): fc.Arbitrary<Shapes<'channelShuffle'>> =>
  fc
    .tuple(extents(2), extents(5), extents(9), pairs(9))
    .map(([N, groups, each, plane]) => ({ inputs: [[N, groups * each, ...plane]], params: [], attrs: { groups } }));

const adaptivePools = (): fc.Arbitrary<Shapes<'adaptiveAvgPool2d'>> =>
  fc.tuple(planes(), pairs(8)).map(([shape, output]) => ({ inputs: [shape], params: [], attrs: { output } }));

const avgPools = (): fc.Arbitrary<Shapes<'avgPool2d'>> =>
  fc
    .tuple(pools(20, 5), fc.constantFrom<AvgPoolAttrs['divisor'][]>('window', 'inside'))
    .map(([{ image, attrs }, divisor]) => ({ inputs: [image], params: [], attrs: { ...attrs, divisor } satisfies OpAttrs['avgPool2d'] }));

/**
 * Every op of inference that computes something, and 3×3 convolutions once more. Not those of detectors, which most engines lack: test/reference/detection.test.ts holds
 * them to onnxruntime. Nor slices of channels, which only imported networks have: test/kernels/gradients.test.ts.
 */
type Drawn = Exclude<InferenceOp, 'input' | 'param' | 'channelSlice' | DetectionOp | ImportedOp> | 'conv3x3';

/** By the names of rows of the report: the ops', and one more for the convolutions that have algorithms of their own. */
export const properties = {
  conv2d: () =>
    casesOf('conv2d', scattered, convolutions(groupings(), 17).map(convShapes)).filter(
      (drawn) => drawn.values !== 'scattered' || apart(drawn),
    ),
  conv3x3: () => casesOf('conv2d', scattered, conv3x3()),
  linear: () => casesOf('linear', [...any, 'scattered'], linears()),
  batchNorm: () =>
    casesOf(
      'batchNorm',
      any,
      fc.oneof(planes(), rows()).map((shape) => ({ inputs: [shape], params: Array(4).fill([shape[1] as number]), attrs: { eps: 1e-5 } })),
    ),
  relu: () => casesOf('relu', any, pointwise(planes())),
  relu6: () => casesOf('relu6', any, pointwise(planes())),
  sigmoid: () => casesOf('sigmoid', any, pointwise(fc.oneof(planes(), rows()))),
  hardSigmoid: () => casesOf('hardSigmoid', any, pointwise(fc.oneof(planes(), rows()))),
  hardSwish: () => casesOf('hardSwish', any, pointwise(fc.oneof(planes(), rows()))),
  silu: () => casesOf('silu', any, pointwise(fc.oneof(planes(), rows()))),
  tanh: () => casesOf('tanh', any, pointwise(fc.oneof(planes(), rows()))),
  softmax: () => casesOf('softmax', any, pointwise(rows())),
  add: () => casesOf('add', any, pairsOf(planes())),
  multiply: () => casesOf('multiply', any, pairsOf(planes())),
  scale: () =>
    casesOf(
      'scale',
      any,
      planes().map((shape) => ({ inputs: [shape, shape.slice(0, 2)], params: [], attrs: none })),
    ),
  scaleBy: () =>
    casesOf(
      'scaleBy',
      any,
      fc.tuple(planes(), fc.constantFrom(0.17, 0.1, 1, -2)).map(([shape, factor]) => ({ inputs: [shape], params: [], attrs: { factor } })),
    ),
  concat: () => casesOf('concat', any, concats()),
  channelShuffle: () => casesOf('channelShuffle', any, shuffles()),
  globalAvgPool: () => casesOf('globalAvgPool', any, pointwise(planes())),
  globalMaxPool: () => casesOf('globalMaxPool', any, pointwise(planes())),
  maxPool2d: () =>
    casesOf(
      'maxPool2d',
      any,
      pools(20, 5).map(({ image, attrs }) => ({ inputs: [image], params: [], attrs })),
    ),
  avgPool2d: () => casesOf('avgPool2d', any, avgPools()),
  adaptiveAvgPool2d: () => casesOf('adaptiveAvgPool2d', any, adaptivePools()),
} satisfies Readonly<Record<Drawn, () => fc.Arbitrary<Case>>>;

export type PropertyName = keyof typeof properties;

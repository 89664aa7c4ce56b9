import type * as tfjsCore from '@tensorflow/tfjs-core';
import { SenetError, ShapeError, UnsupportedError } from '../../src/errors.js';
import { evaluate, type Inputs, type Interpreter, inputOf, parameterOf } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { adaptiveRange } from '../../src/ops/adaptiveAvgPool2d.js';
import type { AvgPoolAttrs, Box, Conv2dAttrs, Node, Pair, PoolAttrs } from '../../src/ops/op.js';
import { noPadding, reach } from '../../src/ops/reach.js';
import { nearestCell } from '../../src/ops/upsampleNearest.js';
import { operands, type Shape, type Tensor } from '../../src/tensor.js';
import { float32 } from './contender.js';

/** The module `@tensorflow/tfjs-core`, with some back end set. */
export type Tfjs = typeof tfjsCore;
export type TfTensor = tfjsCore.Tensor;
export type TfTensor4D = tfjsCore.Tensor4D;
export type TfPadding = [[number, number], [number, number], [number, number], [number, number]];

/**
 * The graph on TensorFlow.js, node by node: a reading of every op by another hand, for cross-checks. Slow and plain; the fast one is
 * `compileTfjs`.
 *
 * Inside, every value has its axis 1 moved last: activations are NHWC, convolution weights [O, P, Q, C/G]; `download` moves it back.
 *
 * @throws WeightsError for a missing tensor, ShapeError for a misshapen one.
 */
export function tfjs(tf: Tfjs, weights: ReadonlyMap<string, Tensor>, inputs: Inputs): Interpreter<TfTensor> {
  return {
    input: (_, { attrs: { name, shape } }) => upload(tf, inputOf(inputs[name], name, shape)),
    param: (_, { attrs: { name, shape } }) => upload(tf, parameterOf(weights, name, shape)),
    ...rules(tf),
  };
}

/**
 * The graph's named outputs by `tfjs`, in NCHW. Leaves no TensorFlow.js tensor behind.
 *
 * @throws UnsupportedError naming a node that the back end cannot express; what `tfjs` throws.
 */
export function evaluateTfjs(tf: Tfjs, graph: Graph, weights: ReadonlyMap<string, Tensor>, inputs: Inputs): ReadonlyMap<string, Tensor> {
  const results = compute(tf, graph, weights, inputs);
  try {
    return named(
      graph,
      results.map((x) => ({ shape: x.shape, data: new Float32Array(x.dataSync()) })),
    );
  } finally {
    tf.dispose(results);
  }
}

/** `evaluateTfjs` where a back end hands over values by promise only, as WebGPU does. */
export async function evaluateTfjsAsync(
  tf: Tfjs,
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  inputs: Inputs,
): Promise<ReadonlyMap<string, Tensor>> {
  const results = compute(tf, graph, weights, inputs);
  try {
    return named(graph, await Promise.all(results.map(async (x) => ({ shape: x.shape, data: new Float32Array(await x.data()) }))));
  } finally {
    tf.dispose(results);
  }
}

/** The outputs in the graph's order and in NCHW, still on the back end; the caller disposes of them. */
function compute(tf: Tfjs, graph: Graph, weights: ReadonlyMap<string, Tensor>, inputs: Inputs): TfTensor[] {
  const interpreter = naming(tf.getBackend(), tfjs(tf, weights, inputs));
  return tf.tidy(() => [...evaluate(graph, interpreter).values()].map((value) => logical(tf, value)));
}

const named = (graph: Graph, values: readonly Tensor[]): ReadonlyMap<string, Tensor> =>
  new Map([...graph.outputs.keys()].map((name, i) => [name, values[i] as Tensor]));

/** The same rules; a back end's plain error becomes one that names the node. */
function naming(backend: string, interpreter: Interpreter<TfTensor>): Interpreter<TfTensor> {
  const rules = Object.entries(interpreter as Readonly<Record<string, (inputs: readonly TfTensor[], node: Node) => TfTensor>>);
  const wrapped = rules.map(([op, rule]) => [
    op,
    (values: readonly TfTensor[], node: Node): TfTensor => {
      try {
        return rule(values, node);
      } catch (cause) {
        if (cause instanceof SenetError) throw cause;
        const why = cause instanceof Error ? cause.message : String(cause);
        throw new UnsupportedError(`tfjs-${backend} cannot do ${op}, node ${node.id} (${why})`, { cause });
      }
    },
  ]);
  return Object.fromEntries(wrapped);
}

/** What each computed op means on TensorFlow.js. */
export function rules(tf: Tfjs): Omit<Interpreter<TfTensor>, 'input' | 'param'> {
  return {
    conv2d: ([x, w, bias], { attrs }) =>
      tf.tidy(() => {
        const y = convolve(tf, rank4(x), rank4(w), attrs);
        return bias ? tf.add(y, bias) : y;
      }),
    batchNorm(inputs, { attrs: { eps } }) {
      const [x, gamma, beta, mean, variance] = operands('batchNorm', inputs, 5);
      return tf.batchNorm(x, mean, variance, beta, gamma, eps);
    },
    linear: ([x, w, bias], { shape: [, O] }) =>
      tf.tidy(() => {
        const flat = tf.reshape(logical(tf, present(x)), [x?.shape[0] as number, -1]);
        const y = tf.matMul(flat, tf.reshape(logical(tf, present(w)), [O as number, -1]), false, true);
        return bias ? tf.add(y, bias) : y;
      }),
    relu: ([x]) => tf.relu(present(x)),
    relu6: ([x]) => tf.relu6(present(x)),
    sigmoid: ([x]) => tf.sigmoid(present(x)),
    hardSigmoid: ([x]) => tf.tidy(() => hardSigmoid(tf, present(x))),
    hardSwish: ([x]) => tf.tidy(() => tf.mul(present(x), hardSigmoid(tf, present(x)))),
    silu: ([x]) => tf.tidy(() => tf.mul(present(x), tf.sigmoid(present(x)))),
    tanh: ([x]) => tf.tanh(present(x)),
    softmax: ([x]) => tf.softmax(present(x)),
    add: ([a, b]) => tf.add(present(a), present(b)),
    multiply: ([a, b]) => tf.mul(present(a), present(b)),
    scaleBy: ([x], { attrs: { factor } }) => tf.mul(present(x), factor),
    scale: ([u, s]) => tf.tidy(() => tf.mul(present(u), tf.expandDims(tf.expandDims(present(s), 1), 1))),
    concat: (inputs) => tf.concat([...inputs], -1),
    channelSlice: ([x], { attrs: { begin, channels } }) => {
      const { shape } = present(x);
      return tf.slice(present(x), [...shape.slice(1).map(() => 0), begin], [...shape.slice(0, -1), channels]);
    },
    channelShuffle: ([x], { attrs: { groups } }) => tf.tidy(() => channelShuffle(tf, rank4(x), groups)),
    globalAvgPool: ([u]) => tf.mean(present(u), [1, 2]),
    globalMaxPool: ([u]) => tf.max(present(u), [1, 2]),
    maxPool2d: ([x], { attrs, shape }) => maxPool(tf, rank4(x), shape, attrs),
    avgPool2d: ([x], { attrs, shape }) => tf.tidy(() => avgPool(tf, rank4(x), shape, attrs)),
    adaptiveAvgPool2d: ([x], { attrs: { output } }) => tf.tidy(() => adaptiveAvgPool(tf, rank4(x), output)),
    upsampleNearest: ([x], { attrs: { output } }) => tf.tidy(() => upsampleNearest(tf, rank4(x), output)),
    roiAlign: lacking,
    roiPool: lacking,
    convTranspose2d: lacking,
    matMul: lacking,
    resample: lacking,
    rearrange: lacking,
    apply: lacking,
    combine: lacking,
    reduce: lacking,
  };
}

const hardSigmoid = (tf: Tfjs, x: TfTensor): TfTensor => tf.div(tf.relu6(tf.add(x, 3)), 6);

function channelShuffle(tf: Tfjs, x: TfTensor4D, groups: number): TfTensor {
  const [N, H, W, C] = x.shape;
  return tf.reshape(tf.transpose(tf.reshape(x, [N * H * W, groups, C / groups]), [0, 2, 1]), x.shape);
}

/** TensorFlow.js has none: the mean of each window, cut out. */
function adaptiveAvgPool(tf: Tfjs, x: TfTensor4D, [I, J]: Pair): TfTensor {
  const [N, H, W, C] = x.shape;
  const mean = (i: number, j: number): TfTensor => {
    const [h0, h1] = adaptiveRange(i, I, H);
    const [w0, w1] = adaptiveRange(j, J, W);
    return tf.mean(tf.slice(x, [0, h0, w0, 0], [N, h1 - h0, w1 - w0, C]), [1, 2]);
  };
  const cells = Array.from({ length: I * J }, (_, at) => mean(Math.floor(at / J), at % J));
  return tf.reshape(tf.stack(cells, 1), [N, I, J, C]);
}

/** By indices: tf.image.resizeNearestNeighbor goes by a scale in float32, which leads to a neighbour now and then. */
function upsampleNearest(tf: Tfjs, x: TfTensor4D, [I, J]: Pair): TfTensor {
  const [, H, W] = x.shape;
  const cells = (count: number, extent: number): tfjsCore.Tensor1D =>
    tf.tensor1d(
      Array.from({ length: count }, (_, i) => nearestCell(i, count, extent)),
      'int32',
    );
  return tf.gather(tf.gather(x, cells(I, H), 1), cells(J, W), 2);
}

/**
 * tf.image.cropAndResize takes one sample a bin, and what lies outside is a constant: neither op of regions is a composition of its calls. What only files of
 * others have is not written for it.
 */
function lacking(_: readonly TfTensor[], { op, id }: Node): never {
  throw new UnsupportedError(`TensorFlow.js has no ${op} here (node ${id})`);
}

/** x [N, H, W, C] with w [O, P, Q, C/G]. */
function convolve(tf: Tfjs, x: TfTensor4D, w: TfTensor4D, attrs: Conv2dAttrs): TfTensor4D {
  const { stride, padding, dilation, groups } = attrs;
  const filter = tf.transpose(w, [1, 2, 3, 0]);
  const pad = tfPadding(padding);
  // tf.conv2d refuses to stride and dilate at once: every cell is computed, and then strided over.
  const strideAfter = Math.max(...stride) > 1 && Math.max(...dilation) > 1;
  const strides: [number, number] = strideAfter ? [1, 1] : [...stride];
  const one = (part: TfTensor4D, f: TfTensor4D): TfTensor4D => tf.conv2d(part, f, strides, pad, 'NHWC', [...dilation]);

  const y =
    groups === 1
      ? one(x, filter)
      : isDepthwise(nchw(w), { ...attrs, stride: strides })
        ? tf.depthwiseConv2d(x, depthwiseFilter(tf, filter, groups), strides, pad, 'NHWC', [...dilation])
        : inGroups(tf, x, filter, groups, one);
  return strideAfter ? rank4(tf.stridedSlice(y, [0, 0, 0, 0], y.shape, [1, ...stride, 1])) : y;
}

/**
 * Whether tf.depthwiseConv2d does a convolution of weights [O, C/G, P, Q]: one channel a group, and filter, stride and dilation square.
 * tfjs-wasm 4.22 gets others wrong (tensorflow/tfjs#6629), or writes out of bounds.
 */
export function isDepthwise([, channels, P, Q]: Shape, { groups, stride, dilation }: Conv2dAttrs): boolean {
  return groups > 1 && channels === 1 && P === Q && stride[0] === stride[1] && dilation[0] === dilation[1];
}

/** [P, Q, 1, C·M] as TensorFlow's [P, Q, C, M]: M outputs a channel, in our order. */
function depthwiseFilter(tf: Tfjs, filter: TfTensor4D, channels: number): TfTensor4D {
  const [P, Q, , O] = filter.shape;
  return tf.reshape(filter, [P, Q, channels, O / channels]);
}

/** tf.conv2d knows no groups: each is a convolution of its own, and their channels are concatenated. */
function inGroups(
  tf: Tfjs,
  x: TfTensor4D,
  filter: TfTensor4D,
  groups: number,
  one: (part: TfTensor4D, filter: TfTensor4D) => TfTensor4D,
): TfTensor4D {
  const filters = tf.split<TfTensor4D>(filter, groups, 3);
  return tf.concat(
    tf.split<TfTensor4D>(x, groups, 3).map((part, g) => one(part, rank4(filters[g]))),
    3,
  );
}

/** TensorFlow's max pool ignores padded cells, as ours does. */
function maxPool(tf: Tfjs, x: TfTensor4D, shape: Shape, attrs: PoolAttrs): TfTensor4D {
  if (isSubsampling(attrs)) return subsample(tf, x, attrs);
  return tf.maxPool(x, [...attrs.kernel], [...attrs.stride], tfPadding(reach(nchw(x), shape, attrs)), 'floor');
}

/** TensorFlow's average divides by the cells inside the image; ours by `window` is that over an image which the padding belongs to. */
function avgPool(tf: Tfjs, x: TfTensor4D, shape: Shape, attrs: AvgPoolAttrs): TfTensor4D {
  if (isSubsampling(attrs)) return subsample(tf, x, attrs);
  const inside = (image: TfTensor4D, cells: PoolAttrs): TfTensor4D =>
    tf.avgPool(image, [...attrs.kernel], [...attrs.stride], tfPadding(reach(nchw(image), shape, cells)), 'floor');
  if (attrs.divisor === 'inside' || Math.max(...attrs.padding) === 0) return inside(x, attrs);
  return inside(tf.pad(x, tfPadding(attrs.padding)), { ...attrs, padding: noPadding });
}

/** XNNPACK refuses a pool over one cell. */
const isSubsampling = ({ kernel }: PoolAttrs): boolean => Math.max(...kernel) === 1;
const subsample = (tf: Tfjs, x: TfTensor4D, { stride }: PoolAttrs): TfTensor4D =>
  rank4(tf.stridedSlice(x, [0, 0, 0, 0], x.shape, [1, ...stride, 1]));

/** A tensor's values on the back end, axis 1 moved last. */
export function upload(tf: Tfjs, { shape, data }: Tensor): TfTensor {
  return tf.tidy(() => tf.transpose(tf.tensor(float32(data), [...shape]), channelsLast(shape.length)));
}

/** A tensor's values off the back end, the last axis moved back to 1. */
export function download(tf: Tfjs, x: TfTensor): Tensor {
  const y = logical(tf, x);
  const data = new Float32Array(y.dataSync());
  y.dispose();
  return { shape: y.shape, data };
}

/** A value on the back end with its last axis moved back to 1. */
const logical = (tf: Tfjs, x: TfTensor): TfTensor => tf.tidy(() => tf.transpose(x, channelsFirst(x.rank)));

const axes = (rank: number): number[] => Array.from({ length: rank }, (_, axis) => axis);
const channelsLast = (rank: number): number[] => [...axes(rank).filter((axis) => axis !== 1), ...axes(rank).filter((axis) => axis === 1)];
const channelsFirst = (rank: number): number[] => (rank < 2 ? axes(rank) : [0, rank - 1, ...axes(rank - 1).slice(1)]);

const nchw = ({ shape: [N, H, W, C] }: TfTensor4D): Shape => [N, C, H, W];

/** A four-sided padding of an NHWC tensor. */
export const tfPadding = ([top, right, bottom, left]: Box): TfPadding => [
  [0, 0],
  [top, bottom],
  [left, right],
  [0, 0],
];

/** The operand, which the graph's own shape inference promised. */
export function present(x: TfTensor | undefined): TfTensor {
  if (x === undefined) throw new ShapeError('an operand is missing', {});
  return x;
}

export function rank4(x: TfTensor | undefined): TfTensor4D {
  const value = present(x);
  if (!is4D(value)) throw new ShapeError('expected four extents', { shape: value.shape });
  return value;
}
const is4D = (x: TfTensor): x is TfTensor4D => x.rank === 4;

import { UnsupportedError } from '../errors.js';
import type { Interpreter } from '../graph/evaluate.js';
import { forwards } from '../ops/forwards.js';
import type { ComputedOp, Node, OpName, PointwiseOp } from '../ops/op.js';
import { dims4, map, type Shape, sizeOf, type Tensor } from '../tensor.js';
import { bounds, sigmoidRoundings } from './bound.js';
import { type Bounded, type BoundRule, sum } from './rule.js';

/** How many values of x each of the op's sums has. */
const perChannel = ([x, , , dy]: readonly Shape[]): number => sizeOf((x ?? dy) as Shape) / ((x as Shape)[1] as number);

const scaleOf = (x: Bounded | undefined): Tensor => (x as Bounded).scale;
const exactOf = (x: Bounded | undefined): Tensor => (x as Bounded).value;
const negative = (x: Tensor): Tensor => map(x, (value) => -value);

function forward<K extends ComputedOp>({ op, attrs }: Node<K>, inputs: readonly Tensor[]): Tensor {
  return (forwards[op] as (inputs: readonly Tensor[], attrs: unknown) => Tensor)(inputs, attrs);
}

/**
 * An op whose scale is itself over other operands: a mean that is subtracted adds its size, so it is given negated, and a variance under a root, or the
 * x that chooses a largest cell, stays what it is.
 */
const over =
  <K extends ComputedOp>(
    operands: (inputs: readonly Bounded[]) => readonly Tensor[],
    more: (shapes: readonly Shape[], node: Node<K>) => number,
  ): BoundRule<K> =>
  (inputs, node) => ({
    value: forward(node, inputs.map(exactOf)),
    scale: map(forward(node, operands(inputs)), Math.abs),
    roundings:
      inputs.reduce((total, { roundings }) => total + roundings, 0) +
      more(
        inputs.map(({ value }) => value.shape),
        node,
      ),
  });

/** Σ |terms| of f′(x) as the kernels compute it, and the roundings that the worst of them meets. */
const slopes: Readonly<Record<PointwiseOp, { readonly scale: (x: number) => number; readonly roundings: number }>> = {
  relu: { scale: () => 1, roundings: 0 },
  relu6: { scale: () => 1, roundings: 0 },
  /** σ(x) · σ(−x). */
  sigmoid: { scale: (x) => sigmoid(x) * sigmoid(-x), roundings: 2 * sigmoidRoundings + 1 },
  /** 4 · σ(2x) · σ(−2x). */
  tanh: { scale: (x) => 4 * sigmoid(2 * x) * sigmoid(-2 * x), roundings: 2 * sigmoidRoundings + 1 },
  /** σ(x) · (1 + x · σ(−x)); σ's own error may be that of a power that underflows, 2⁻¹⁴⁹ = 2⁻¹²⁵·u. */
  silu: { scale: (x) => sigmoid(x) * (1 + Math.abs(x) * sigmoid(-x)) + 2 ** -125 * (1 + Math.abs(x)), roundings: 2 * sigmoidRoundings + 3 },
  /** A sixth, rounded. */
  hardSigmoid: { scale: () => 1 / 6, roundings: 1 },
  /** (2x + 3) · a sixth. */
  hardSwish: { scale: (x) => Math.max(1, (2 * Math.abs(x) + 3) / 6), roundings: 4 },
};

const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));

/** `bounds`, and those of the ops of training, for exact operands or such as have errors that do not multiply. */
export function trainingBounds(
  weights: ReadonlyMap<string, Tensor>,
  inputs: Readonly<Record<string, Tensor>>,
): Interpreter<Bounded, OpName> {
  return {
    ...bounds(weights, inputs),
    conv2dGradInput: sum('conv2dGradInput', ([w], { attrs: { groups } }) => {
      const [O, , P, Q] = dims4(w as Shape);
      return (O / groups) * P * Q + 2;
    }),
    conv2dGradWeight: sum('conv2dGradWeight', ([, dy]) => {
      const [N, , I, J] = dims4(dy as Shape);
      return N * I * J + 2;
    }),
    linearGradInput: sum('linearGradInput', ([w]) => ((w as Shape)[0] as number) + 2),
    linearGradWeight: sum('linearGradWeight', ([x]) => ((x as Shape)[0] as number) + 2),
    channelSum: sum('channelSum', (shapes) => perChannel(shapes)),
    channelMean: sum('channelMean', (shapes) => perChannel(shapes) + 1),
    /** Differences, squared: two roundings each, a product, the sum, the quotient. */
    channelVariance: over(
      ([x, mean]) => [scaleOf(x), negative(scaleOf(mean))],
      (shapes) => perChannel(shapes) + 4,
    ),
    channelVarianceGrad: over(
      ([x, mean, dy]) => [scaleOf(x), negative(scaleOf(mean)), scaleOf(dy)],
      () => 5,
    ),
    batchNormGradInput: over(
      ([gamma, variance, dy]) => [scaleOf(gamma), exactOf(variance), scaleOf(dy)],
      () => 2,
    ),
    batchNormGradScale: over(
      ([x, mean, variance, dy]) => [scaleOf(x), negative(scaleOf(mean)), exactOf(variance), scaleOf(dy)],
      (shapes) => perChannel(shapes) + 3,
    ),
    batchNormGradMean: over(
      ([gamma, variance, dBeta]) => [scaleOf(gamma), exactOf(variance), scaleOf(dBeta)],
      () => 1,
    ),
    batchNormGradVariance: over(
      ([gamma, variance, dGamma]) => [scaleOf(gamma), exactOf(variance), scaleOf(dGamma)],
      () => 1,
    ),
    movingAverage: sum('movingAverage', () => 1),
    planeDot: over(
      ([a, b]) => [scaleOf(a), scaleOf(b)],
      ([a]) => sizeOf((a as Shape).slice(2)) + 2,
    ),
    meanGrad: sum('meanGrad', () => 2),
    mean: sum('mean', () => 1),
    fill: (inputs, node) => {
      const value = forward(node, inputs.map(exactOf));
      return { value, scale: map(value, Math.abs), roundings: 1 };
    },
    pointwiseGrad([x, dy], node) {
      const { scale, roundings } = slopes[node.attrs.of];
      const at = exactOf(x).data;
      let i = 0;
      return {
        value: forward(node, [exactOf(x), exactOf(dy)]),
        scale: map(scaleOf(dy), (d) => d * scale(at[i++] as number)),
        roundings: (dy as Bounded).roundings + roundings + 1,
      };
    },
    maxPool2dGrad: over(
      ([x, dy]) => [exactOf(x), scaleOf(dy)],
      (_, { attrs: { kernel } }) => kernel[0] * kernel[1],
    ),
    avgPool2dGrad: sum('avgPool2dGrad', (_, { attrs: { kernel } }) => kernel[0] * kernel[1] + 1),
    globalMaxPoolGrad: over(
      ([u, dz]) => [exactOf(u), scaleOf(dz)],
      () => 0,
    ),
    adaptiveAvgPool2dGrad: sum('adaptiveAvgPool2dGrad', ([dy], { attrs: { plane } }) => {
      const [, , I, J] = dims4(dy as Shape);
      return (Math.ceil(I / plane[0]) + 1) * (Math.ceil(J / plane[1]) + 1) + 1;
    }),
    /** The factor is rounded, and two products. */
    dropout: over(
      ([x, mask]) => [scaleOf(x), scaleOf(mask)],
      () => 3,
    ),
    /** Two roundings, stated: of exact operands there is one answer. Of others it may be the next integer's. */
    fakeQuantise([x], node) {
      if ((x as Bounded).roundings > 0)
        throw new UnsupportedError(
          `fakeQuantise, node ${node.id}: a value that is rounded has no bound there, since it may become another integer`,
        );
      const value = forward(node, [exactOf(x)]);
      return { value, scale: map(value, Math.abs), roundings: 0 };
    },
    fakeQuantiseGrad: over(
      ([x, dy]) => [exactOf(x), scaleOf(dy)],
      () => 0,
    ),
    /** In float64: Σ dy · y is off by its terms' sizes times 2⁻⁵⁰ = 2⁻²⁶·u, which counts where it cancels against dy. */
    softmaxGrad([y, dy], node) {
      const value = forward(node, [exactOf(y), exactOf(dy)]);
      const largest = Math.max(...exactOf(dy).data.map(Math.abs));
      let i = 0;
      return {
        value,
        scale: map(value, (dx) => Math.abs(dx) + 2 ** -24 * largest * Math.abs(exactOf(y).data[i++] as number)),
        roundings: 1,
      };
    },
    /** In float64: a term t · (log Σ eˣ − x) may cancel, and is then off by some 2⁻⁴⁷ = 2⁻²³·u of what it is the difference of. */
    crossEntropy([x, t], node) {
      const value = forward(node, [exactOf(x), exactOf(t)]);
      const [, K] = exactOf(x).shape as readonly [number, number];
      const data = Float64Array.from(value.data, (y, n) => {
        let total = 0;
        for (const target of exactOf(t).data.subarray(n * K, n * K + K)) total += target;
        return Math.abs(y) + 2 ** -23 * total * sizeOfLogits(exactOf(x).data.subarray(n * K, n * K + K));
      });
      return { value, scale: { shape: value.shape, data }, roundings: 1 };
    },
    /** dy · (softmax · Σt − t), in float64 as well: the two are what value and dy · t tell. */
    crossEntropyGrad([x, t, dy], node) {
      const value = forward(node, [exactOf(x), exactOf(t), exactOf(dy)]);
      const [, K] = value.shape as readonly [number, number];
      const data = Float64Array.from(value.data, (y, i) => {
        const n = Math.floor(i / K);
        const terms = Math.abs(y + 2 * (exactOf(dy).data[n] as number) * (exactOf(t).data[i] as number));
        return Math.abs(y) + 2 ** -23 * terms * sizeOfLogits(exactOf(x).data.subarray(n * K, n * K + K));
      });
      return { value, scale: { shape: value.shape, data }, roundings: 1 };
    },
  };
}

/** What log Σ eˣ and x may be as large as, and 1 for the powers' own error. */
const sizeOfLogits = (x: Tensor['data']): number => Math.max(...x.map(Math.abs)) + Math.log(x.length) + 1;

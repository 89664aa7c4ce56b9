import { UnsupportedError } from '../errors.js';
import type { Interpreter } from '../graph/evaluate.js';
import { forwards } from '../ops/forwards.js';
import type { InferenceOp, Node, QuantisedAttrs } from '../ops/op.js';
import { mostTerms } from '../ops/roiAlign.js';
import { dims4, map, type Shape, sizeOf, type Tensor, widen } from '../tensor.js';
import { imported } from './imported.js';
import { quantisedBounds } from './quantised.js';
import { type Bounded, type BoundRule, both, gamma, sum, u } from './rule.js';

export type { Bounded } from './rule.js';

/** What values lose that are stored in fewer bits than they were computed in. */
export interface Narrow {
  /** The unit roundoff. */
  readonly u: number;
  /** Half of the smallest subnormal. */
  readonly underflow: number;
  /** Below it numbers are evenly spaced: whatever is rounded there, to 0 as well, is off by as much as this one may be. */
  readonly leastNormal: number;
}

export const float16: Narrow = { u: 2 ** -11, underflow: 2 ** -25, leastNormal: 2 ** -14 };
export const bfloat16: Narrow = { u: 2 ** -8, underflow: 2 ** -134, leastNormal: 2 ** -126 };

/**
 * What σ as kernels/simd.ts computes it adds. e^−|x|: ½ for the reduced argument, 2 for the polynomial; 1 + e^−|x| and the quotient: 1 each;
 * rounded up. test/kernels/elementwise.test.ts measures it over the floats.
 */
export const sigmoidRoundings = 5;

/**
 * What tanh as kernels/simd.ts computes it adds: tanh |x| = −m/(2 + m), m = e^−2|x| − 1. The power less one is off by 3 at most where it is
 * smallest, 0.29 (2 for the polynomial and its last product, 1 for the sum with 2^n − 1), which 2/(2 + m) carries over at 1.2; 2 + m and the quotient:
 * 1 each; rounded up.
 */
export const tanhRoundings = 6;

/** The largest |d/dx x·σ(x)|, 1.0998, rounded up. */
const siluSlope = 1.1;

/** Moves no two arguments further apart, so it passes errors on as they are. */
const clamp =
  <K extends 'relu' | 'relu6'>(op: K): BoundRule<K> =>
  ([x], node) => ({ ...(x as Bounded), value: forwards[op]([(x as Bounded).value], node.attrs) });

/** (û)(ŝ): both errors at once, (1 + γ_a)(1 + γ_b) ≤ 1 + γ_{a+b}. */
const product =
  <K extends 'scale' | 'multiply'>(op: K): BoundRule<K> =>
  ([a, b], node) => ({
    ...both(op, [a as Bounded, b as Bounded], node, 0),
    roundings: (a as Bounded).roundings + (b as Bounded).roundings + 1,
  });

/** Values of regions: those of the maps, by positions that are the same float64 for the kernels. @throws UnsupportedError for regions that are not exact */
function ofRegions<K extends 'roiAlign' | 'roiPool'>(op: K, inputs: readonly Bounded[], node: Node<K>, more: number): Bounded {
  const rois = inputs.at(-1) as Bounded;
  if (rois.roundings > 0)
    throw new UnsupportedError(`${op}, node ${node.id}: regions that are rounded have no bound, since they may be of other cells`);
  return both(op, [...inputs.slice(0, -1), { ...rois, scale: rois.value }], node, more);
}

/** relu6(x + 3)/6: a sum, a sixth that is rounded, a product. Its terms are at most x + 3; of an exact x no more than 6, since clamping is exact. */
function hardGate({ value, scale, roundings }: Bounded, { attrs }: Node<'hardSigmoid' | 'hardSwish'>): Bounded {
  const most = roundings > 0 ? Infinity : 6;
  return {
    value: forwards.hardSigmoid([value], attrs),
    scale: map(scale, (terms) => Math.min(terms + 3, most) / 6),
    roundings: roundings + 3,
  };
}

const exact = (x: Tensor): Bounded => ({ value: widen(x), scale: map(widen(x), Math.abs), roundings: 0 });

/** The bound interpreter over float32 weights and inputs. */
export function bounds(
  weights: ReadonlyMap<string, Tensor>,
  inputs: Readonly<Record<string, Tensor>>,
): Interpreter<Bounded, InferenceOp | keyof QuantisedAttrs> {
  return {
    ...quantisedBounds,
    /** Scales are folded into the weights, which are rounded. */
    scaledLinear: sum('scaledLinear', (shapes) => sizeOf((shapes[1] as Shape).slice(1)) + 3),
    input: (_, { attrs }) => exact(inputs[attrs.name] as Tensor),
    param: (_, { attrs }) => exact(weights.get(attrs.name) as Tensor),
    conv2d: sum('conv2d', (shapes) => sizeOf(shapes[1] as Shape) / dims4(shapes[1] as Shape)[0] + 2),
    linear: sum('linear', (shapes) => sizeOf((shapes[1] as Shape).slice(1)) + 2),
    add: sum('add', () => 1),
    concat: sum('concat', () => 0),
    channelShuffle: sum('channelShuffle', () => 0),
    channelSlice: sum('channelSlice', () => 0),
    globalAvgPool: sum('globalAvgPool', ([x]) => sizeOf((x as Shape).slice(2)) + 1),
    avgPool2d: sum('avgPool2d', (_, { attrs: { kernel } }) => kernel[0] * kernel[1] + 1),
    adaptiveAvgPool2d: sum('adaptiveAvgPool2d', ([x], { attrs: { output } }) => {
      const [, , H, W] = dims4(x as Shape);
      return (Math.ceil(H / output[0]) + 1) * (Math.ceil(W / output[1]) + 1) + 1;
    }),
    upsampleNearest: sum('upsampleNearest', () => 0),
    ...imported,
    /** A weight is rounded once, and multiplied; the terms are added up. */
    roiAlign: (inputs, node) =>
      ofRegions(
        'roiAlign',
        inputs,
        node,
        mostTerms(
          inputs.map((x) => x.value),
          node.attrs,
        ) + 2,
      ),
    roiPool: (inputs, node) => ofRegions('roiPool', inputs, node, 0),
    maxPool2d: sum('maxPool2d', () => 0),
    globalMaxPool: sum('globalMaxPool', () => 0),
    relu: clamp('relu'),
    relu6: clamp('relu6'),
    scale: product('scale'),
    multiply: product('multiply'),
    /** The factor is rounded, and the product. */
    scaleBy: (inputs, node) => {
      const { value, scale, roundings } = both('scaleBy', inputs, node, 2);
      return { value, scale: map(scale, Math.abs), roundings };
    },
    /** Folded or not: the factor and the shift are rounded once each, then multiply and add. Terms: γx/σ, γμ/σ and β. */
    batchNorm: (inputs, node) => {
      const [x, g, b, m, v] = inputs as readonly [Bounded, Bounded, Bounded, Bounded, Bounded];
      const negative = { ...m, scale: map(m.scale, (mean) => -mean) }; // the op subtracts μ; a scale adds |μ|
      return both('batchNorm', [x, g, b, negative, { ...v, scale: v.value }], node, 4);
    },
    /** |σ'| ≤ ¼ carries the argument's error over; σ's own is relative. */
    sigmoid([x], node) {
      const { value: argument, scale, roundings } = x as Bounded;
      const value = forwards.sigmoid([argument], node.attrs);
      const carried = roundings > 0 ? 0.25 : 0;
      const data = Float64Array.from(value.data, (y, i) => y + carried * (scale.data[i] as number));
      return { value, scale: { shape: value.shape, data }, roundings: roundings + sigmoidRoundings };
    },
    hardSigmoid: ([x], node) => hardGate(x as Bounded, node),
    /** x times its gate. */
    hardSwish([x], node) {
      const gate = hardGate(x as Bounded, node);
      const { scale, roundings } = x as Bounded;
      return {
        value: forwards.hardSwish([(x as Bounded).value], node.attrs),
        scale: forwards.multiply([scale, gate.scale], node.attrs),
        roundings: roundings + gate.roundings + 1,
      };
    },
    /** x times σ(x), whose own error may also be that of a power that underflows, 2⁻¹⁴⁹ = 2⁻¹²⁵·u a rounding. */
    silu([x], node) {
      const { value: argument, scale, roundings } = x as Bounded;
      const value = forwards.silu([argument], node.attrs);
      const carried = roundings > 0 ? siluSlope : 0;
      const underflow = 2 ** -125;
      const data = Float64Array.from(
        value.data,
        (y, i) => Math.abs(y) + carried * (scale.data[i] as number) + underflow * Math.abs(argument.data[i] as number),
      );
      return { value, scale: { shape: value.shape, data }, roundings: roundings + sigmoidRoundings + 1 };
    },
    /** |tanh'| ≤ 1 carries the argument's error over; tanh's own is relative. */
    tanh([x], node) {
      const { value: argument, scale, roundings } = x as Bounded;
      const value = forwards.tanh([argument], node.attrs);
      const carried = roundings > 0 ? 1 : 0;
      const data = Float64Array.from(value.data, (y, i) => Math.abs(y) + carried * (scale.data[i] as number));
      return { value, scale: { shape: value.shape, data }, roundings: roundings + tanhRoundings };
    },
    /** e^(x − m) is off by |x − m|·u and by its polynomial; carried errors of x count twice, in the power and in the sum. */
    softmax([x], node) {
      const { value: argument, scale, roundings } = x as Bounded;
      const value = forwards.softmax([argument], node.attrs);
      const [, C] = value.shape as readonly [number, number];
      const largestIn = (from: Tensor): readonly number[] =>
        Array.from({ length: value.data.length / C }, (_, row) => Math.max(...from.data.subarray(row * C, row * C + C)));
      const [shifts, carried] = [largestIn(argument), largestIn(scale)];
      const data = Float64Array.from(value.data, (y, i) => {
        const row = Math.floor(i / C);
        const shift = Math.abs((argument.data[i] as number) - (shifts[row] as number));
        return y * (1 + shift + (roundings > 0 ? 2 * (carried[row] as number) : 0));
      });
      return { value, scale: { shape: value.shape, data }, roundings: roundings + C + sigmoidRoundings };
    },
  };
}

/**
 * The largest error in units of its bound, and where; a value that should be finite and is not is infinitely far off.
 *
 * @param narrow how many roundings to fewer bits it went through beside those to float32, and what each loses
 */
export function worst(
  actual: Tensor,
  { value, scale, roundings, spare = 0 }: Bounded,
  { times, u: coarse, underflow }: Pick<Narrow, 'u' | 'underflow'> & { readonly times: number } = { times: 0, u: 0, underflow: 0 },
): { readonly ratio: number; readonly index: number } {
  let found = { ratio: 0, index: -1 };
  const relative = gamma(roundings) + gamma(times, coarse);
  const absolute = roundings * 2 ** -149 + times * underflow + spare;
  value.data.forEach((y, index) => {
    const bound = relative * (scale.data[index] as number) + u * Math.abs(y) + absolute;
    const there = actual.data[index] as number;
    const error = there === y ? 0 : Math.abs(there - y); // of two infinities too
    const ratio = Number.isNaN(error) ? Infinity : error === 0 ? 0 : error / bound;
    if (ratio > found.ratio) found = { ratio, index };
  });
  return found;
}

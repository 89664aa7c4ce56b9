import { type Bounded, bounds, worst } from '../../src/bound/bound.js';
import { winogradConv } from '../../src/bound/winograd.js';
import { evaluate, type Inputs } from '../../src/graph/evaluate.js';
import { map, sameShape, sizeOf, type Tensor } from '../../src/tensor.js';
import { type Case, graphOf, numbersOf } from '../properties/case.js';
import { ulps } from './ulp.js';

/** m of the F(m×m, 3×3) whose bound an engine is held to, or the direct sum's. */
export type Filtering = 2 | 4 | 'direct';

/**
 * What an engine's result is, by its worst value:
 *
 *   within     every value lies within its bound
 *   denormal   within the bound of arithmetic that takes denormals for 0, but not within float32's
 *   above      above both, or of another shape
 *   nonfinite  a NaN or an infinity where there should be none, or none where there should be one
 *
 * Winograd's filtering subtracts activations of a tile from one another, so an infinity or a NaN among them may become any in the whole tile: its results
 * there are held to be nonfinite where the truth is, and to nothing else (src/bound/winograd.ts).
 */
export type Kind = 'within' | 'denormal' | 'above' | 'nonfinite';

export interface Verdict {
  readonly kind: Kind;
  /** The largest error in units of its bound: of a nonfinite result, of its finite values; of one above, what is left once denormals are forgiven. */
  readonly ratio: number;
  /** The largest distance in float32's bit patterns. */
  readonly ulps: number;
  /** The value that the verdict is about. */
  readonly index: number;
  readonly actual: number;
  readonly exact: number;
}

const smallestNormal = 2 ** -126;
/** From here on a float rounds to infinity. */
const overflows = 2 ** 128 - 2 ** 103;

/** The exact result of a case in float64, with its bound. */
export function truthOf(drawn: Case, filtering: Filtering, operands = numbersOf(drawn)): Bounded {
  const direct = bounds(operands.weights, operands.inputs);
  const meaning = filtering === 'direct' ? direct : { ...direct, conv2d: winogradConv(filtering, direct.conv2d) };
  return evaluate(graphOf(drawn), meaning).get('logits') as Bounded;
}

/** The truth for an engine that reads every denormal as 0. */
function flushedTruth(drawn: Case, filtering: Filtering): Bounded {
  const { weights, inputs } = numbersOf(drawn);
  const flush = (x: Tensor): Tensor => map(x, (value) => (Math.abs(value) < smallestNormal ? 0 : value));
  const flushed: Inputs = Object.fromEntries(Object.entries(inputs).map(([name, x]) => [name, flush(x)]));
  return truthOf(drawn, filtering, { weights: new Map([...weights].map(([name, x]) => [name, flush(x)])), inputs: flushed });
}

/** A mean's terms add up to more than it. */
function termsOf({ op, inputs, attrs }: Case): number {
  if (op === 'globalAvgPool' || op === 'adaptiveAvgPool2d') return sizeOf((inputs[0] as readonly number[]).slice(2));
  return op === 'avgPool2d' ? sizeOf((attrs as { readonly kernel: readonly number[] }).kernel) : 1;
}

/** Holds an engine's result of a case to its truth. */
export function judge(drawn: Case, actual: Tensor, truth: Bounded, filtering: Filtering): Verdict {
  const { value, scale, roundings } = truth;
  const at = (index: number) => ({ index, actual: actual.data[index] as number, exact: value.data[index] as number });
  if (!sameShape(actual.shape, value.shape)) return { kind: 'above', ratio: Number.MAX_VALUE, ulps: 0, ...at(0) };

  // What has no bound is compared here, and left out below by agreeing with itself.
  const limit = overflows / (termsOf(drawn) * (1 + roundings * 2 ** -23));
  const free = (i: number): boolean => roundings > 0 && Number.isFinite(value.data[i]) && (scale.data[i] as number) >= limit;
  const bounded = (i: number): boolean => Number.isFinite(value.data[i]) && !free(i);
  const same = (x: number, y: number): boolean => (filtering === 'direct' ? Object.is(x, y) : !Number.isFinite(x));
  const strays = actual.data.findIndex((x, i) => !free(i) && (bounded(i) ? !Number.isFinite(x) : !same(x, value.data[i] as number)));
  const comparable = (x: Tensor): Tensor => ({
    shape: x.shape,
    data: Float64Array.from(x.data, (v, i) => (bounded(i) && Number.isFinite(actual.data[i]) ? v : 0)),
  });
  const finite = comparable(actual);
  const exact: Bounded = { value: comparable(value), scale: map(scale, (s) => (Number.isFinite(s) ? s : 0)), roundings };

  const found = worst(finite, exact);
  if (strays >= 0) return { kind: 'nonfinite', ...sizesOf(found.ratio, finite, exact), ...at(strays) };
  if (found.ratio <= 1) return { kind: 'within', ...sizesOf(found.ratio, finite, exact), ...at(Math.max(found.index, 0)) };

  // What is left once denormals are forgiven: in the operands, and an error of 2^−126 a rounding, which a value that is only copied may have too.
  const flushed: Bounded = { ...exact, value: comparable(flushedTruth(drawn, filtering).value) };
  const slack = Math.max(1, roundings) * smallestNormal;
  const forgiven = { shape: value.shape, data: finite.data.map((x, i) => towards(x, flushed.value.data[i] as number, slack)) };
  const left = worst(forgiven, flushed);
  if (left.ratio <= 1) return { kind: 'denormal', ...sizesOf(found.ratio, finite, exact), ...at(found.index) };
  return { kind: 'above', ...sizesOf(left.ratio, forgiven, flushed), ...at(left.index) };
}

function sizesOf(ratio: number, actual: Tensor, { value }: Bounded): Pick<Verdict, 'ratio' | 'ulps'> {
  let most = 0;
  actual.data.forEach((x, i) => {
    most = Math.max(most, ulps(x, value.data[i] as number));
  });
  return { ratio: Math.min(ratio, Number.MAX_VALUE), ulps: most };
}

/** x moved by at most `step` to y. */
const towards = (x: number, y: number, step: number): number => (Math.abs(x - y) <= step ? y : x + Math.sign(y - x) * step);

import { functions } from '../ops/apply.js';
import { broadcastShape, eachOffset, repeatedStrides } from '../ops/broadcast.js';
import { forwards } from '../ops/forwards.js';
import type { FunctionName } from '../ops/functionNames.js';
import type { ImportedOp, Node, Taps } from '../ops/op.js';
import { mostTaps } from '../ops/resample.js';
import { map, type Shape, sizeOf } from '../tensor.js';
import { type Bounded, type BoundRule, both, gamma, sum } from './rule.js';

/** The error that a carried value may have, as γ · scale says. */
const carried = ({ scale, roundings }: Bounded, i: number): number => gamma(roundings) * (scale.data[i] as number);

/** What a kernel that computes in float64 adds: the result's rounding, and float64's own error. */
const ownRoundings = 2;

type Slope = (x: number, error: number, constants: { readonly a: number; readonly b: number }) => number;

/** |f(x̂) − f(x)| / |x̂ − x| at most, for all x̂ that are `error` from x at most. */
const slopes: Readonly<Record<FunctionName, Slope>> = {
  leakyRelu: (_, __, { a }) => Math.max(1, Math.abs(a)),
  clip: () => 1,
  elu: (_, __, { a }) => Math.max(1, Math.abs(a)),
  /** |Φ(x) + x·φ(x)| is largest at √2: 1.1290. */
  gelu: () => 1.13,
  /** As gelu's, and off by less than 10⁻³. */
  geluTanh: () => 1.131,
  erf: () => 2 / Math.sqrt(Math.PI),
  exp: (x, error) => Math.exp(x + error),
  log: (x, error) => inverse(Math.abs(x) - error),
  /** √x̂ − √x = (x̂ − x)/(√x̂ + √x). */
  sqrt: (x, error) => 1 / Math.sqrt(Math.max(x, error)),
  abs: () => 1,
  power: (x, error, { a }) => {
    if (Number.isInteger(a) && a >= 1) return a * (Math.abs(x) + error) ** (a - 1);
    const least = Math.abs(x) - error;
    return least > 0 ? Math.abs(a) * Math.max(least ** (a - 1), (Math.abs(x) + error) ** (a - 1)) : Infinity;
  },
  softplus: () => 1,
  /** Its derivative is largest near 1.49: 1.0884. */
  mish: () => 1.09,
  floor: steps('floor'),
  ceil: steps('ceil'),
  round: steps('round'),
  sign: steps('sign'),
};

/** Of a function that jumps and never falls: all that it climbs within the error. */
function steps(name: FunctionName): Slope {
  const at = (x: number): number => functions[name](x, { a: 0, b: 0 });
  return (x, error) => (error > 0 && Number.isFinite(x) ? (error < Infinity ? (at(x + error) - at(x - error)) / error : Infinity) : 0);
}

const inverse = (distance: number): number => (distance > 0 ? 1 / distance : Infinity);

/** Terms of which the kernel's own rounding is a share, beside the result. */
const ownTerms = (name: FunctionName, x: number): number => (name === 'gelu' || name === 'geluTanh' ? Math.abs(x) : 0);

function apply([x]: readonly Bounded[], node: Node<'apply'>): Bounded {
  const { value: argument, scale, roundings } = x as Bounded;
  const value = forwards.apply([argument], node.attrs);
  const data = Float64Array.from(value.data, (y, i) => {
    const at = argument.data[i] as number;
    const slope = roundings > 0 ? slopes[node.attrs.function](at, carried(x as Bounded, i), node.attrs) : 0;
    return Math.abs(y) + ownTerms(node.attrs.function, at) + (slope === 0 ? 0 : slope * (scale.data[i] as number));
  });
  return { value, scale: { shape: value.shape, data }, roundings: roundings + ownRoundings };
}

/** Σ |terms| of a ∘ b, given both values, scales, and what both may be off by. @param unit the scale of what may be off by 1 */
type Terms = (a: Operand, b: Operand, unit: number) => number;
interface Operand {
  readonly value: number;
  readonly scale: number;
  readonly error: number;
}

const terms: Readonly<Record<Node<'combine'>['attrs']['combination'], Terms>> = {
  add: (a, b) => a.scale + b.scale,
  subtract: (a, b) => a.scale + b.scale,
  multiply: (a, b) => a.scale * b.scale,
  /** â/b̂ − a/b = (â − a)/b̂ + a·(b − b̂)/(b·b̂). */
  divide(a, b) {
    if (b.error === 0) return a.scale / Math.abs(b.value);
    const least = inverse(Math.abs(b.value) - b.error);
    return a.scale * least + (Math.abs(a.value) * b.scale * least) / Math.abs(b.value);
  },
  minimum: (a, b) => Math.max(a.scale, b.scale),
  maximum: (a, b) => Math.max(a.scale, b.scale),
  /** ∂/∂a = b·a^(b−1), ∂/∂b = a^b·ln a: of a above 0 both are monotone along each axis, so that the corners have the largest. */
  power(a, b) {
    const result = Math.abs(a.value ** b.value);
    if (a.error === 0 && b.error === 0) return result;
    const corners = [a.value - a.error, a.value + a.error].flatMap((x) =>
      [b.value - b.error, b.value + b.error].map((y) =>
        x > 0 ? a.scale * Math.abs(y * x ** (y - 1)) + b.scale * Math.abs(x ** y * Math.log(x)) : Infinity,
      ),
    );
    return result + Math.max(...corners);
  },
  prelu: (a, b) => Math.max(a.scale, a.scale * b.scale),
  /** Of two that are closer than their errors the truth is not known. */
  greater: (a, b, unit) => (isUnknown(a, b) ? unit : 0),
  equal: (a, b, unit) => (isUnknown(a, b) ? unit : 0),
  where: (a, b, unit) => (isUnknown(b, none) ? a.scale + Math.abs(a.value) * unit : b.value !== 0 ? a.scale : 0),
};

const none: Operand = { value: 0, scale: 0, error: 0 };
const isUnknown = (a: Operand, b: Operand): boolean => {
  const error = a.error + b.error;
  return error > 0 && !(Math.abs(a.value - b.value) > error);
};

function combine(inputs: readonly Bounded[], node: Node<'combine'>): Bounded {
  const [a, b] = inputs as readonly [Bounded, Bounded];
  const value = forwards.combine([a.value, b.value], node.attrs);
  const shape = broadcastShape('combine', a.value.shape, b.value.shape);
  const data = new Float64Array(sizeOf(shape));
  const roundings = a.roundings + b.roundings + ownRoundings;
  const unit = 1 / gamma(roundings);
  const operand = (x: Bounded, i: number): Operand => ({
    value: x.value.data[i] as number,
    scale: x.scale.data[i] as number,
    error: carried(x, i),
  });
  eachOffset(shape, [repeatedStrides(a.value.shape, shape), repeatedStrides(b.value.shape, shape)], (at, [i, j]) => {
    data[at] = terms[node.attrs.combination](operand(a, i as number), operand(b, j as number), unit) + Math.abs(value.data[at] as number);
  });
  return { value, scale: { shape, data }, roundings };
}

/** A largest and a smallest value pass the largest error on. */
function reduce(inputs: readonly Bounded[], node: Node<'reduce'>): Bounded {
  const [x] = inputs as readonly [Bounded];
  const { reduction, axes } = node.attrs;
  const selects = reduction === 'max' || reduction === 'min';
  const count = axes.reduce((product, axis) => product * (x.value.shape[axis] as number), 1);
  return {
    value: forwards.reduce([x.value], node.attrs),
    scale: forwards.reduce([x.scale], { ...node.attrs, reduction: selects ? 'max' : reduction }),
    roundings: x.roundings + (selects ? 0 : count + 1),
  };
}

const sizes = (taps: Taps): Taps => taps.map((cells) => cells.map(([cell, weight]) => [cell, Math.abs(weight)] as const));

/** Each weight is rounded, their product, and that with x; then terms are added up. */
function resample([x]: readonly Bounded[], { attrs }: Node<'resample'>): Bounded {
  const { value, scale, roundings } = x as Bounded;
  const positive = { rows: sizes(attrs.rows), columns: sizes(attrs.columns) };
  return {
    value: forwards.resample([value], attrs),
    scale: forwards.resample([scale], positive),
    roundings: roundings + 4 + mostTaps(attrs.rows) * mostTaps(attrs.columns),
  };
}

function rearrange(inputs: readonly Bounded[], node: Node<'rearrange'>): Bounded {
  const { outside } = node.attrs;
  const moved = both('rearrange', inputs, node, Math.fround(outside) === outside ? 0 : 1);
  return { ...moved, scale: map(moved.scale, Math.abs) };
}

/** (û)(ŝ) summed up. */
function matMul(inputs: readonly Bounded[], node: Node<'matMul'>): Bounded {
  const [a, b] = inputs as readonly [Bounded, Bounded];
  const K = (a.value.shape as Shape)[3] as number;
  return { ...both('matMul', [a, b], node, 0), roundings: a.roundings + b.roundings + K + 2 };
}

/** Error bounds of the ops that only files of others have. */
export const imported: { readonly [K in ImportedOp]: BoundRule<K> } = {
  convTranspose2d: sum('convTranspose2d', ([, w]) => sizeOf(w as Shape) / ((w as readonly number[])[1] as number) + 2),
  matMul,
  resample,
  rearrange,
  apply,
  combine,
  reduce,
};

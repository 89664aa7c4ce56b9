import { type OpAttrs, type OpName, type PointwiseOp, pointwiseOps, type Value } from '../../ops/op.js';
import { type Integers, type IntegerWeights, type Quantisation, quantisedValue } from '../../ops/quantised/quantisation.js';
import { transposed } from '../fold.js';
import type { Made } from '../made.js';
import type { FloatsOf, IntegerForms, Maker } from '../maker.js';
import type { Constant, StoredIntegers } from '../tensor.js';
import { cannot } from '../values.js';

/*
 * DequantizeLinear, an operator of floats, QuantizeLinear: how most exporters write a quantised network. Where the operator is the same number of integers, it
 * becomes an op of integers. Elsewhere what is written is what is computed. A Clip of integers is the range of the op before it.
 */

/** The integers that a float value is made of, and what they stand for. */
interface Dequantised {
  readonly value: Value;
  readonly x: Quantisation;
}

function dequantised(make: Maker, value: Value | undefined): Dequantised | undefined {
  const made = value && make.made(value);
  if (made?.op !== 'dequantise') return undefined;
  return { value: made.inputs[0] as Value, x: (made.attrs as OpAttrs['dequantise']).x };
}

/** `quantise` of a value as an op of integers; undefined where it is none. */
export function fused(make: Maker, value: Value, y: Quantisation): Value | undefined {
  const made = make.made(value);
  if (made === undefined) return undefined;
  // rounding is monotonic, so that what clips reals clips their integers
  if (made.op === 'relu' || made.op === 'relu6') {
    const [lowest, highest] = y.range;
    const top = made.op === 'relu6' ? quantisedValue('relu6', 6, y) : highest;
    const inner = made.inputs[0] as Value;
    const clipped = layer(make, inner, { ...y, range: [Math.max(lowest, y.zeroPoint), top] });
    if (clipped !== undefined) return clipped;
  }
  return layer(make, value, y) ?? ofOneValue(make, made, y);
}

function layer(make: Maker, value: Value, y: Quantisation): Value | undefined {
  const made = make.made(value);
  if (made?.op === 'conv2d' || made?.op === 'linear') return weighted(make, made as Made & { readonly op: 'conv2d' | 'linear' }, y);
  if (made?.op === 'scale') return scaled(make, made, y);
  if (made?.op !== 'add') return undefined;
  const [a, b] = made.inputs.map((input) => dequantised(make, input));
  if (a && b) return make.emit('quantisedAdd', [a.value, b.value], { a: a.x, b: b.x, y });
  const gated = made.inputs.find((input) => make.made(input)?.op === 'scale');
  const residual = gated && (gated === made.inputs[0] ? b : a);
  return gated && residual && scaled(make, make.made(gated) as Made, y, residual);
}

/** A gate may be any float. */
function scaled(make: Maker, { inputs: [u, s] }: Made, y: Quantisation, residual?: Dequantised): Value | undefined {
  const integers = dequantised(make, u);
  if (integers === undefined) return undefined;
  const operands = [integers.value, s as Value, ...(residual ? [residual.value] : [])];
  return make.emit('quantisedScale', operands, { u: integers.x, ...(residual && { residual: residual.x }), y });
}

/** Moved integers are those of what was moved: the padding, which is 0, is their zero point. */
function moved(make: Maker, { inputs, attrs }: Made, y: Quantisation): Value | undefined {
  const integers = dequantised(make, inputs[0]);
  const { outside } = attrs as unknown as OpAttrs['rearrange'];
  if (integers === undefined || outside !== 0 || !sameQuantisation(integers.x, y)) return undefined;
  const one: Quantisation = { ...integers.x, scale: 1 };
  const from = make.emit('dequantise', [integers.value], { x: one });
  const to = make.emit('rearrange', [from], attrs as never);
  return make.emit('quantise', [to], { y: { ...one, range: y.range } });
}

/** A function of one value is a table. */
function ofOneValue(make: Maker, { op, inputs, attrs }: Made, y: Quantisation): Value | undefined {
  if (op === 'dequantise') {
    const { x } = attrs as OpAttrs['dequantise'];
    return sameQuantisation(x, y) ? inputs[0] : make.emit('quantisedPointwise', [inputs[0] as Value], { x, y, of: 'identity' });
  }
  if (op === 'rearrange') return moved(make, { op, inputs, attrs }, y);
  const integers = dequantised(make, inputs[0]);
  if (integers === undefined) return undefined;
  const chooses = op === 'maxPool2d' || op === 'globalMaxPool';
  if (chooses && sameQuantisation(integers.x, y)) return make.emit(op, [integers.value], attrs as never);
  return isPointwise(op) ? make.emit('quantisedPointwise', [integers.value], { x: integers.x, y, of: op }) : undefined;
}

const isPointwise = (op: string): op is PointwiseOp => (pointwiseOps as readonly string[]).includes(op);

const sameQuantisation = (a: Quantisation, b: Quantisation): boolean =>
  a.dtype === b.dtype && a.scale === b.scale && a.zeroPoint === b.zeroPoint;

/** Patterns of several nodes see the op of floats. */
function floatsOf(make: Maker, op: FloatsOf, inputs: readonly Value[]): Value | undefined {
  const made: Made & { readonly op: FloatsOf } = { op, inputs, attrs: {} };
  const value = op === 'linear' ? (weighted(make, { ...made, op }) ?? scaledWeights(make, inputs)) : mean(make, inputs);
  if (value !== undefined) make.madeAs(value, made);
  return value;
}

function mean(make: Maker, [u]: readonly Value[]): Value | undefined {
  const integers = dequantised(make, u);
  return integers && make.emit('quantisedGlobalAvgPool', [integers.value], { u: integers.x });
}

/** A layer whose weights alone are integers. */
function scaledWeights(make: Maker, [x, weight, ...bias]: readonly Value[]): Value | undefined {
  const stored = integersOf(make, weight as Value);
  if (stored?.dtype !== 'int8' || stored.zeroPoints.some((point) => point !== 0)) return undefined;
  return make.emit('scaledLinear', [x as Value, ...integerWeights(make, weight as Value, stored), ...bias], {});
}

const nameOf = (make: Maker, parameter: Value): string => ((make.made(parameter) as Made).attrs as OpAttrs['param']).name;

const scaleOf = ({ scales }: StoredIntegers, o: number): number => (scales.length === 1 ? scales[0] : scales[o]) as number;

/** Weights, and a scale for each output. */
function integerWeights(make: Maker, weight: Value, stored: StoredIntegers & Pick<Constant, 'data'>): readonly [Value, Value] {
  const name = nameOf(make, weight);
  const outputs = weight.shape[0] as number;
  const scales = Float32Array.from({ length: outputs }, (_, o) => scaleOf(stored, o));
  return [make.number(`${name}:integers`, weight.shape, stored.data, stored.dtype), make.number(`${name}:scale`, [outputs], scales)];
}

/** A layer whose weights are stored as integers, and whose bias, if it has one, is of x's scale times theirs. Without y its results are floats. */
function weighted(make: Maker, { op, inputs, attrs }: Made & { readonly op: 'conv2d' | 'linear' }, y?: Quantisation): Value | undefined {
  const [x, weight, bias] = inputs;
  const integers = dequantised(make, x);
  const stored = weight && integersOf(make, weight);
  if (integers === undefined || weight === undefined || stored === undefined) return undefined;
  const sums = bias && biasOf(make, bias, (o) => Math.fround(integers.x.scale * scaleOf(stored, o)));
  if (bias !== undefined && sums === undefined) return undefined;
  const w: IntegerWeights = { dtype: stored.dtype as 'uint8' | 'int8', zeroPoints: stored.zeroPoints };
  const operands = [
    integers.value,
    ...integerWeights(make, weight, stored),
    ...(bias && sums ? [make.number(`${nameOf(make, bias)}:integers`, bias.shape, sums, 'int32')] : []),
  ];
  const about = { x: integers.x, w, ...(y && { y }) };
  return op === 'conv2d'
    ? make.emit('quantisedConv2d', operands, { ...(attrs as unknown as OpAttrs['conv2d']), ...about })
    : make.emit('quantisedLinear', operands, about);
}

/** The range of the op that makes them, or of one more. */
function narrowed(make: Maker, value: Value, low: number, high: number): Value {
  const { dtype, range } = value.integers as Integers;
  const [lowest, highest] = range.map((end) => Math.min(Math.max(end, low), high)) as [number, number];
  if (dtype === 'int32' || !(Number.isInteger(lowest) && lowest <= highest))
    return cannot('of uint8 and int8 it is known, from one integer to another');
  const { y } = (make.made(value)?.attrs ?? {}) as { readonly y?: Quantisation };
  if (y !== undefined) return make.remade(value, { y: { ...y, range: [lowest, highest] } });
  const as = (within: Quantisation['range']): Quantisation => ({ dtype, scale: 1, zeroPoint: 0, range: within });
  return make.emit('quantisedPointwise', [value], { x: as(range), y: as([lowest, highest]), of: 'identity' });
}

const sameIntegers = (make: Maker, a: Value, b: Value): boolean => {
  const [one, other] = [dequantised(make, a), dequantised(make, b)];
  return one !== undefined && other !== undefined && one.value.id === other.value.id && sameQuantisation(one.x, other.x);
};

/** Ops that say the same numbers otherwise. */
const renaming: ReadonlySet<string> = new Set(['quantise', 'dequantise', 'quantiseBy', 'dequantiseAxis'] satisfies OpName[]);

/** x · σ(x) of what was quantised on the way. */
function swishOf(make: Maker, { inputs: [a, b] }: Made): readonly Made[] | undefined {
  for (const [x, gate] of [
    [a, b],
    [b, a],
  ] as readonly (readonly [Value, Value])[]) {
    const made = make.made(make.unquantised(gate));
    const from = made?.inputs[0];
    const op = made?.op === 'sigmoid' ? 'silu' : made?.op === 'hardSigmoid' ? 'hardSwish' : undefined;
    const isOfX = from !== undefined && (make.unquantised(from).id === make.unquantised(x).id || sameIntegers(make, from, x));
    if (op !== undefined && isOfX) return [{ op, inputs: [x], attrs: {} }];
  }
  return undefined;
}

/**
 * Through integers that nothing of floats stands for, as operators of integers make them. An output that is no lower than its zero point is a relu's. What integers
 * that became floats are multiplied by is their unit.
 */
function links(make: Maker, value: Value): readonly Made[] | undefined {
  const made = make.made(value);
  const input = made?.inputs[0];
  if (made === undefined || input === undefined) return undefined;
  if (made.op === 'multiply') return swishOf(make, made);
  if (renaming.has(made.op) || (made.op === 'combine' && make.made(input)?.op === 'dequantiseAxis')) return [];
  const link = (op: OpName): Made => ({ op, inputs: [input], attrs: {} });
  if (made.op === 'integerLinear') return [link('linear')];
  if (made.op === 'quantisedPointwise') {
    const { of } = made.attrs as unknown as OpAttrs['quantisedPointwise'];
    return of === 'identity' ? [] : [link(of)];
  }
  if (made.op !== 'quantisedLinear') return undefined;
  const { y } = made.attrs as unknown as OpAttrs['quantisedLinear'];
  return y !== undefined && y.range[0] === y.zeroPoint ? [link('relu'), link('linear')] : [link('linear')];
}

/** What a parameter is stored as: integers of 8 bits, with a scale for all or one an output. */
function integersOf(make: Maker, weight: Value): (StoredIntegers & Pick<Constant, 'data'>) | undefined {
  const source = make.sourceOf(weight);
  const stored = source?.constant.stored;
  if (source === undefined || stored === undefined || stored.dtype === 'int32' || (source.form !== '' && source.form !== '.T'))
    return undefined;
  const isTransposed = source.form === '.T';
  const single = stored.scales.length === 1 && stored.zeroPoints.length === 1;
  if (!single && stored.axis !== (isTransposed ? 1 : 0)) return undefined;
  return isTransposed ? { ...stored, data: transposed({ ...source.constant, data: stored.data }, [1, 0]).data } : stored;
}

/** The integers of a bias, if they are of those scales. */
function biasOf(make: Maker, bias: Value, scaleOf: (o: number) => number): Constant['data'] | undefined {
  const source = make.sourceOf(bias);
  const stored = source?.constant.stored;
  if (source === undefined || source.form !== '' || stored?.dtype !== 'int32' || stored.zeroPoints.some((point) => point !== 0))
    return undefined;
  const fits = Array.from(stored.data, (_, o) => (stored.scales.length === 1 ? stored.scales[0] : stored.scales[o]) === scaleOf(o));
  return fits.every(Boolean) ? stored.data : undefined;
}

export const integerForms: IntegerForms = { floatsOf, narrowed, links, sameIntegers };

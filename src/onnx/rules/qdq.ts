import type { OpAttrs, PointwiseOp, Value } from '../../ops/op.js';
import { type IntegerWeights, type Quantisation, quantisedValue } from '../../ops/quantised/quantisation.js';
import { transposed } from '../fold.js';
import type { Made } from '../made.js';
import type { Maker } from '../maker.js';
import type { Constant, StoredIntegers } from '../tensor.js';

/*
 * DequantizeLinear, an operator of floats, QuantizeLinear: how most exporters write a quantised network. Where the operator is the same number of integers, it
 * becomes an op of integers. Elsewhere what is written is what is computed.
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

/** A function of one value is a table. */
function ofOneValue(make: Maker, { op, inputs, attrs }: Made, y: Quantisation): Value | undefined {
  if (op === 'dequantise') {
    const { x } = attrs as OpAttrs['dequantise'];
    return sameQuantisation(x, y) ? inputs[0] : make.emit('quantisedPointwise', [inputs[0] as Value], { x, y, of: 'identity' });
  }
  const integers = dequantised(make, inputs[0]);
  if (integers === undefined) return undefined;
  if (op === 'globalAvgPool') {
    const mean = make.emit('quantisedGlobalAvgPool', [integers.value], { u: integers.x });
    return make.emit('quantise', [mean], { y });
  }
  const chooses = op === 'maxPool2d' || op === 'globalMaxPool';
  if (chooses && sameQuantisation(integers.x, y)) return make.emit(op, [integers.value], attrs as never);
  return functions.has(op) ? make.emit('quantisedPointwise', [integers.value], { x: integers.x, y, of: op as PointwiseOp }) : undefined;
}

const functions: ReadonlySet<string> = new Set([
  'relu',
  'relu6',
  'sigmoid',
  'hardSigmoid',
  'hardSwish',
  'silu',
  'tanh',
] satisfies PointwiseOp[]);

const sameQuantisation = (a: Quantisation, b: Quantisation): boolean =>
  a.dtype === b.dtype && a.scale === b.scale && a.zeroPoint === b.zeroPoint;

/** A layer whose weights are stored as integers, and whose bias, if it has one, is of x's scale times theirs. */
function weighted(make: Maker, { op, inputs, attrs }: Made & { readonly op: 'conv2d' | 'linear' }, y: Quantisation): Value | undefined {
  const [x, weight, bias] = inputs;
  const integers = dequantised(make, x);
  const stored = weight && integersOf(make, weight);
  if (integers === undefined || weight === undefined || stored === undefined) return undefined;
  const outputs = weight.shape[0] as number;
  const scaleOf = (o: number): number => (stored.scales.length === 1 ? stored.scales[0] : stored.scales[o]) as number;
  const sums = bias && biasOf(make, bias, (o) => Math.fround(integers.x.scale * scaleOf(o)));
  if (bias !== undefined && sums === undefined) return undefined;
  const { name } = (make.made(weight) as Made).attrs as OpAttrs['param'];
  const w: IntegerWeights = { dtype: stored.dtype as 'uint8' | 'int8', zeroPoints: stored.zeroPoints };
  const operands = [
    integers.value,
    make.number(`${name}:integers`, weight.shape, stored.data, w.dtype),
    make.number(
      `${name}:scale`,
      [outputs],
      Float32Array.from({ length: outputs }, (_, o) => scaleOf(o)),
    ),
    ...(bias && sums
      ? [make.number(`${((make.made(bias) as Made).attrs as OpAttrs['param']).name}:integers`, [outputs], sums, 'int32')]
      : []),
  ];
  return op === 'conv2d'
    ? make.emit('quantisedConv2d', operands, { ...(attrs as unknown as OpAttrs['conv2d']), x: integers.x, w, y })
    : make.emit('quantisedLinear', operands, { x: integers.x, w, y });
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

import type { Box, Conv2dAttrs, Pair, Value } from '../../ops/op.js';
import {
  type AxisQuantisation,
  type IntegerDtype,
  type IntegerWeights,
  isScale,
  type Quantisation,
  rangeOf,
} from '../../ops/quantised/quantisation.js';
import { type Shape, sameShape, sizeOf } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import { axisOf } from '../axes.js';
import { transposed } from '../fold.js';
import type { Maker } from '../maker.js';
import { cannot, type Fixed, isFixed, type Live, live, planes, rows, settled, vector } from '../values.js';
import { filterShape } from './layers.js';
import { fused } from './qdq.js';
import { fixedInput, liveInput, type Rule, type Rules } from './rule.js';
import { asPlanes, checkKernel, likewise, paddingOf, pairOf, planeOf } from './windows.js';

/** Scales, rounded to float32, which they are in the file unless they were folded. */
function scalesOf(call: NodeCall, input: number): readonly number[] {
  const { constant } = fixedInput(call, input, 'the scale');
  const scales = Array.from(constant.data, Math.fround);
  return scales.length > 0 && scales.every(isScale) ? scales : cannot('a scale is no positive number');
}

/** Zero points, and the type that they say their integers are of; without any 0, of `otherwise`. */
function zeroPointsOf(
  call: NodeCall,
  input: number,
  otherwise: IntegerDtype,
): { readonly dtype: IntegerDtype; readonly zeroPoints: readonly number[] } {
  const constant = call.constant(input, 'the zero point');
  if (constant === undefined) return { dtype: otherwise, zeroPoints: [0] };
  return { dtype: constant.dtype ?? cannot('only uint8, int8 and int32 are known'), zeroPoints: [...constant.data] };
}

const isByte = (dtype: IntegerDtype): dtype is 'uint8' | 'int8' => dtype !== 'int32';

/** One scale and one zero point, which stand for a whole tensor. */
function perTensor(scales: readonly number[], zeroPoints: readonly number[], dtype: IntegerDtype): Quantisation | undefined {
  const [scale, zeroPoint] = [scales[0] as number, zeroPoints[0] as number];
  return scales.length + zeroPoints.length === 2 && isByte(dtype) ? { dtype, scale, zeroPoint, range: rangeOf[dtype] } : undefined;
}

/** The scale of input i and the zero point behind it. */
function tensorQuantisation(call: NodeCall, i: number, otherwise: IntegerDtype): Quantisation {
  const { dtype, zeroPoints } = zeroPointsOf(call, i + 1, otherwise);
  return perTensor(scalesOf(call, i), zeroPoints, dtype) ?? cannot('of values one scale for all is known, of uint8 or int8');
}

/** A value of 8-bit integers. */
function integersInput(call: NodeCall, i = 0): { readonly x: Live; readonly dtype: 'uint8' | 'int8' } {
  const x = liveInput(call, i);
  const dtype = x.value.integers?.dtype;
  return dtype !== undefined && isByte(dtype) ? { x, dtype } : cannot(`input ${i} is no value of uint8 or int8`);
}

function alongOf(call: NodeCall, x: Live, scales: readonly number[], zeroPoints: readonly number[], dtype: IntegerDtype): AxisQuantisation {
  if (call.int('block_size', 0) !== 0) cannot('scales of blocks are not known');
  const axis = axisOf(call.int('axis', 1), Math.max(x.shape.length, 2));
  const { shape: ours } = x.value;
  if (!sameShape(ours, x.shape) && (axis !== 1 || ours[1] !== x.shape[1]))
    cannot('a scale for each place of an axis is known of values that are not written otherwise');
  for (const { length } of [scales, zeroPoints])
    if (length !== 1 && length !== ours[axis]) cannot(`${length} scales or zero points do not fit axis ${axis}`);
  return { dtype, scales, zeroPoints, axis };
}

const quantizeLinear: Rule = (call, make) => {
  const x = settled(liveInput(call));
  if (x.value.integers) return cannot('it is known of floats');
  const byNumber: Readonly<Record<number, IntegerDtype>> = { 0: 'uint8', 2: 'uint8', 3: 'int8' };
  const stated = byNumber[call.int('output_dtype', 0)] ?? cannot('only uint8 and int8 are known');
  const { dtype, zeroPoints } = zeroPointsOf(call, 2, stated);
  if (!isByte(dtype)) return cannot('only uint8 and int8 are known');
  const scales = scalesOf(call, 1);
  const y = perTensor(scales, zeroPoints, dtype);
  if (y === undefined) return live(make.emit('quantiseAxis', [x.value], { along: alongOf(call, x, scales, zeroPoints, dtype) }), x.shape);
  const value = fused(make, x.value, y) ?? make.emit('quantise', [x.value], { y });
  // integers that are no lower than 0 are a relu's, which quantisers leave out
  const isRelu = y.range[0] === y.zeroPoint && make.made(x.value)?.op === 'linear';
  make.standsFor(value, isRelu ? make.emit('relu', [x.value], {}) : x.value);
  return live(value, x.shape);
};

const dequantizeLinear: Rule = (call, make) => {
  const x = settled(liveInput(call));
  const dtype = x.value.integers?.dtype ?? cannot('it is known of integers');
  const scales = scalesOf(call, 1);
  const { zeroPoints } = zeroPointsOf(call, 2, dtype);
  const whole = perTensor(scales, zeroPoints, dtype);
  // it may be known that they are not all integers of the type
  const range = x.value.integers?.range ?? rangeOf[dtype];
  if (whole !== undefined) return live(make.emit('dequantise', [x.value], { x: { ...whole, range } }), x.shape);
  return live(make.emit('dequantiseAxis', [x.value], { along: alongOf(call, x, scales, zeroPoints, dtype) }), x.shape);
};

/** Integers that are weights: [O, ...], with a zero point for all or for each output. */
function weightsOf(call: NodeCall, input: number, zeroInput: number): { readonly fixed: Fixed; readonly w: IntegerWeights } {
  const fixed = fixedInput(call, input, 'the weight');
  const { dtype } = fixed.constant;
  if (dtype === undefined || !isByte(dtype)) return cannot('weights must be uint8 or int8');
  const zeroPoints =
    call.inputs[zeroInput] === undefined ? [0] : [...fixedInput(call, zeroInput, 'the zero point of the weights').constant.data];
  return { fixed, w: { dtype, zeroPoints } };
}

/**
 * What a convolution of integers takes beside its operands. A border of zeros is one of zero points where these are 0. A 1×1 convolution of [N, C, 1, 1] is a
 * fully connected layer of our [N, C].
 */
function windowOf(
  call: NodeCall,
  x: Live,
  filter: Shape,
  zeroPoint: number | undefined,
): { readonly isLayer: boolean; readonly planes: Value; readonly attrs: Conv2dAttrs } {
  if (filter.length !== x.shape.length) cannot('only convolutions of lines and planes are known');
  checkKernel(call, { shape: filter });
  const [, , P, Q] = filterShape(filter);
  const [stride, dilation] = [pairOf(call, 'strides', [1, 1]), pairOf(call, 'dilations', [1, 1])];
  const own = paddingOf(call, planeOf(x), [(P - 1) * dilation[0] + 1, (Q - 1) * dilation[1] + 1], stride);
  if (x.border !== undefined && zeroPoint !== 0) cannot('integers that are padded with 0 are known where 0 is the zero point');
  const padding = own.map((side, i) => side + (x.border?.[i] ?? 0)) as unknown as Box;
  const groups = call.int('group', 1);
  const attrs = { stride, padding, dilation, groups };
  if (x.shape.length === 3) return { isLayer: false, planes: asPlanes(x), attrs };
  const isLayer = groups === 1 && sizeOf([...x.shape.slice(2), P, Q, ...stride]) === 1 && padding.every((side) => side === 0);
  const shape = x.border === undefined ? x.shape : x.value.shape;
  return { isLayer, planes: isLayer ? vector(x) : planes({ value: x.value, shape }), attrs };
}

/** A scale an output, of a file's one for all or one each. */
function scalesParam(make: Maker, fixed: Fixed, O: number): Value {
  const { length } = fixed.constant.data;
  if (length !== 1 && length !== O) cannot(`${length} scales do not fit ${O} outputs`);
  return make.param(fixed, [O], length === O ? '' : '.all', ({ data }) =>
    Float32Array.from({ length: O }, (_, o) => data[length === 1 ? 0 : o] as number),
  );
}

const qLinearConv: Rule = (call, make) => {
  const { x, dtype } = integersInput(call);
  const from = tensorQuantisation(call, 1, dtype);
  const { fixed, w } = weightsOf(call, 3, 5);
  const { shape } = fixed.constant;
  const O = shape[0] as number;
  const y = tensorQuantisation(call, 6, dtype);
  const window = windowOf(call, x, shape, from.zeroPoint);
  const scales = scalesParam(make, fixedInput(call, 4, 'the scale of the weights'), O);
  const bias = call.inputs[8] === undefined ? [] : [make.integers(fixedInput(call, 8, 'the bias'), [O], 'int32')];
  const operands = [window.planes, make.integers(fixed, window.isLayer ? shape.slice(0, 2) : filterShape(shape), w.dtype), scales, ...bias];
  if (window.isLayer) return asCell(make.emit('quantisedLinear', operands, { x: from, w, y }));
  return likewise(make.emit('quantisedConv2d', operands, { ...window.attrs, x: from, w, y }), x);
};

/** [N, C] as planes of one cell. */
const asCell = (y: Value): Live => live(y, [...y.shape, 1, 1]);

/** The zero point of x, a constant or a value. */
function xZeroOf(
  call: NodeCall,
  dtype: IntegerDtype,
): { readonly attrs: { readonly xZeroPoint?: number }; readonly operand: readonly Value[] } {
  const given = call.inputs[2];
  if (given !== undefined && !isFixed(given)) return { attrs: {}, operand: [given.value] };
  const { zeroPoints } = zeroPointsOf(call, 2, dtype);
  return zeroPoints.length === 1
    ? { attrs: { xZeroPoint: zeroPoints[0] as number }, operand: [] }
    : cannot('one zero point for all of x is known');
}

const convInteger: Rule = (call, make) => {
  const { x, dtype: xDtype } = integersInput(call);
  const zero = xZeroOf(call, xDtype);
  const { fixed, w } = weightsOf(call, 1, 3);
  const { shape } = fixed.constant;
  const window = windowOf(call, x, shape, zero.attrs.xZeroPoint);
  const operands = [window.planes, make.integers(fixed, window.isLayer ? shape.slice(0, 2) : filterShape(shape), w.dtype), ...zero.operand];
  if (window.isLayer) return asCell(make.emit('integerLinear', operands, { xDtype, ...zero.attrs, w }));
  return likewise(make.emit('integerConv2d', operands, { ...window.attrs, xDtype, ...zero.attrs, w }), x);
};

/** The matrix [K, N] as our weights [N, K]. */
function matrixParam(make: Maker, fixed: Fixed, dtype: 'uint8' | 'int8'): Value {
  if (fixed.constant.shape.length !== 2) cannot('only matrices of two extents are known');
  const [K, N] = fixed.constant.shape as Pair;
  return make.integers(fixed, [N, K], dtype, '.T', (constant) => transposed(constant, [1, 0]).data);
}

const matMulInteger: Rule = (call, make) => {
  const { x, dtype: xDtype } = integersInput(call);
  const zero = xZeroOf(call, xDtype);
  const { fixed, w } = weightsOf(call, 1, 3);
  const operands = [rows(x), matrixParam(make, fixed, w.dtype), ...zero.operand];
  return inRows(x, make.emit('integerLinear', operands, { xDtype, ...zero.attrs, w }));
};

/** What a layer gives of each row: x's axes but the last, which is that of the outputs. */
const inRows = (x: Live, y: Value): Live => live(y, [...x.shape.slice(0, -1), y.shape[1] as number]);

const qLinearMatMul: Rule = (call, make) => {
  const { x, dtype } = integersInput(call);
  const from = tensorQuantisation(call, 1, dtype);
  const { fixed, w } = weightsOf(call, 3, 5);
  const weights = matrixParam(make, fixed, w.dtype);
  const scales = scalesParam(make, fixedInput(call, 4, 'the scale of the matrix'), weights.shape[0] as number);
  return inRows(x, make.emit('quantisedLinear', [rows(x), weights, scales], { x: from, w, y: tensorQuantisation(call, 6, dtype) }));
};

/** y, its scale, its zero point. */
const dynamicQuantizeLinear: Rule = (call, make) => {
  const x = settled(liveInput(call));
  const scale = make.emit('dynamicScale', [x.value], {});
  const zeroPoint = make.emit('dynamicZeroPoint', [x.value], {});
  return [live(make.emit('quantiseBy', [x.value, scale, zeroPoint], {}), x.shape), live(scale, []), live(zeroPoint, [])];
};

export const quantisedRules = {
  DynamicQuantizeLinear: dynamicQuantizeLinear,
  QuantizeLinear: quantizeLinear,
  DequantizeLinear: dequantizeLinear,
  QLinearConv: qLinearConv,
  ConvInteger: convInteger,
  MatMulInteger: matMulInteger,
  QLinearMatMul: qLinearMatMul,
} satisfies Rules;

import { isScale } from '../../ops/quantised/quantisation.js';
import { forward as quantiseAxis } from '../../ops/quantised/quantiseAxis.js';
import { sizeOf } from '../../tensor.js';
import type { NodeCall } from '../arguments.js';
import { axisOf } from '../axes.js';
import { type Constant, typeOf } from '../tensor.js';
import { cannot } from '../values.js';
import type { Folds } from './rule.js';

/** Weights that are stored as whole numbers: (x − zero point) · scale, for all or along an axis. */
function dequantised(call: NodeCall, [x, scale, zero]: readonly Constant[]): Constant {
  const { shape, data } = x as Constant;
  const scales = (scale as Constant).data;
  const axis = scales.length === 1 ? 0 : axisOf(call.int('axis', 1), shape.length);
  const extent = scales.length === 1 ? 1 : shape[axis];
  if (call.int('block_size', 0) !== 0 || scales.length !== extent || (zero && zero.data.length !== extent))
    cannot('a scale is known for all, or one along an axis');
  const inner = scales.length === 1 ? Math.max(data.length, 1) : sizeOf(shape.slice(axis + 1));
  const channel = (i: number): number => Math.floor(i / inner) % scales.length;
  const value = (stored: number, i: number): number => (stored - (zero?.data[channel(i)] ?? 0)) * (scales[channel(i)] as number);
  const { dtype } = x as Constant;
  const points = zero ? [...zero.data] : [0];
  const zeroPoints = points.every((point) => point === points[0]) ? points.slice(0, 1) : points;
  const stored = dtype && { dtype, data, scales: Array.from(scales, Math.fround), zeroPoints, axis };
  return { kind: 'float', shape, data: Float64Array.from(data, value), ...(stored && { stored }) };
}

/** TensorProto.DataType's code. */
const uint8 = 2;

/** Weights that the file has as floats, and that it rounds to integers: as `quantise`, for all or along an axis. */
function quantised(call: NodeCall, [x, scale, zero]: readonly Constant[]): Constant {
  const { shape, data } = x as Constant;
  const scales = Array.from((scale as Constant).data, Math.fround);
  const stated = call.int('output_dtype', 0);
  const dtype = zero === undefined ? typeOf(stated || uint8).dtype : zero.dtype;
  if (dtype === undefined || dtype === 'int32') return cannot('only uint8 and int8 are known');
  const zeroPoints = zero ? [...zero.data] : [0];
  const axis = scales.length + zeroPoints.length === 2 ? 0 : axisOf(call.int('axis', 1), shape.length);
  if (call.int('block_size', 0) !== 0 || !scales.every(isScale)) cannot('positive scales are known, for all or one along an axis');
  const along = { dtype, scales, zeroPoints, axis };
  return { kind: 'int', shape, dtype, data: Float64Array.from(quantiseAxis([{ shape, data }], { along }).data) };
}

export const storedConstants = { DequantizeLinear: dequantised, QuantizeLinear: quantised } satisfies Folds;

import { operands, sizeOf } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';
import { allOf, expectIntegers } from './quantisation.js';
import { alongAxis } from './quantiseAxis.js';

export const dequantiseAxis: OpDef<'dequantiseAxis'> = {
  infer(inputs, { along }) {
    const [shape] = operands('dequantiseAxis', inputs, 1);
    alongAxis('dequantiseAxis', shape, along);
    return shape;
  },
  integers(inputs, { along }) {
    expectIntegers('dequantiseAxis', 'x', allOf(along.dtype), inputs[0]);
    return undefined;
  },
  macs: noMacs,
};

/**
 * `dequantise` with a scale and a zero point for each place along an axis, and of int32 too: y = scale · (x − zeroPoint), the difference rounded to float32,
 * then the product. With one scale of 1 it is ONNX's Cast of int32 to float.
 */
export const forward: Forward<'dequantiseAxis'> = (inputs, attrs) => {
  const [x] = operands('dequantiseAxis', inputs, 1);
  const y = { shape: x.shape, data: new Float32Array(sizeOf(x.shape)) };
  const of = alongAxis('dequantiseAxis', x.shape, attrs.along);
  for (let i = 0; i < y.data.length; i++) {
    const [scale, zeroPoint] = of(i);
    y.data[i] = Math.fround((x.data[i] as number) - zeroPoint) * scale;
  }
  return y;
};

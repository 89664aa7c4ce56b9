import { operands, sizeOf } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';
import { expectIntegers, integersOf, realValue } from './quantisation.js';

export const dequantise: OpDef<'dequantise'> = {
  infer: (inputs) => operands('dequantise', inputs, 1)[0],
  integers(inputs, { x }) {
    expectIntegers('dequantise', 'x', integersOf(x), inputs[0]);
    return undefined;
  },
  macs: noMacs,
};

/** y = scale · (x − zeroPoint), rounded once, to float32: ONNX's DequantizeLinear. */
export const forward: Forward<'dequantise'> = (inputs, attrs) => {
  const [x] = operands('dequantise', inputs, 1);
  const y = { shape: x.shape, data: new Float32Array(sizeOf(x.shape)) };
  for (let i = 0; i < y.data.length; i++) y.data[i] = realValue(x.data[i] as number, attrs.x);
  return y;
};

import { operands, sizeOf } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';
import { bytes, expectIntegers, integersOf, quantisedValue } from './quantisation.js';

export const quantise: OpDef<'quantise'> = {
  infer: (inputs) => operands('quantise', inputs, 1)[0],
  integers(inputs, { y }) {
    expectIntegers('quantise', 'x', undefined, inputs[0]);
    return integersOf(y);
  },
  macs: noMacs,
};

/**
 * y = clip(round(x / scale) + zeroPoint), ties to even before the zero point is added: ONNX's QuantizeLinear. x is rounded to float32, the quotient is a
 * float32. Infinities clip; NaN is an error. (A kernel cannot refuse, and gives NaN the zero point.)
 */
export const forward: Forward<'quantise'> = (inputs, attrs) => {
  const [x] = operands('quantise', inputs, 1);
  const y = bytes(x.shape, sizeOf(x.shape));
  for (let i = 0; i < y.data.length; i++) y.data[i] = quantisedValue('quantise', x.data[i] as number, attrs.y);
  return y;
};

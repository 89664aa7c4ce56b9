import { operands } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';
import { extremes, scaleOf } from './dynamicScale.js';
import { allOf, expectIntegers, requantised } from './quantisation.js';

export const dynamicZeroPoint: OpDef<'dynamicZeroPoint'> = {
  infer(inputs) {
    operands('dynamicZeroPoint', inputs, 1);
    return [];
  },
  integers(inputs) {
    expectIntegers('dynamicZeroPoint', 'x', undefined, inputs[0]);
    return allOf('uint8');
  },
  macs: noMacs,
};

/** [] = clip(round(−min(x, 0) / scale)) in 0..255, the quotient a float32, ties to even: the zero point that goes with `dynamicScale`. */
export const forward: Forward<'dynamicZeroPoint'> = (inputs) => {
  const [x] = operands('dynamicZeroPoint', inputs, 1);
  const zeroPoint = requantised('dynamicZeroPoint', Math.fround(-extremes(x)[0] / scaleOf(x)), { zeroPoint: 0, range: [0, 255] });
  return { shape: [], data: Float32Array.of(zeroPoint) };
};

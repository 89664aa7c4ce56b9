import { operands, type Tensor } from '../../tensor.js';
import { noMacs, type OpDef } from '../op.js';
import { allOf, expectIntegers, requantised } from './quantisation.js';

/** The least and the largest of a value and 0, which stays exact, so. */
function extremes({ data }: Tensor): readonly [least: number, largest: number] {
  let [least, largest] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const value = Math.fround(data[i] as number);
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  return [least, largest];
}

/** Of a value that is 0 everywhere any scale will do. */
function scaleOf(x: Tensor): number {
  const [least, largest] = extremes(x);
  return least === largest ? 1 : Math.fround(Math.fround(largest - least) / 255);
}

/** [] = (max(x, 0) − min(x, 0)) / 255, each step in float32: the scale of ONNX's DynamicQuantizeLinear; 1 for zeros. */
export const dynamicScale: OpDef<'dynamicScale'> = {
  infer(inputs) {
    operands('dynamicScale', inputs, 1);
    return [];
  },
  forward: (inputs) => ({ shape: [], data: Float32Array.of(scaleOf(operands('dynamicScale', inputs, 1)[0])) }),
  macs: noMacs,
};

/** [] = clip(round(−min(x, 0) / scale)) in 0..255, the quotient a float32, ties to even: the zero point that goes with `dynamicScale`. */
export const dynamicZeroPoint: OpDef<'dynamicZeroPoint'> = {
  infer(inputs) {
    operands('dynamicZeroPoint', inputs, 1);
    return [];
  },
  integers(inputs) {
    expectIntegers('dynamicZeroPoint', 'x', undefined, inputs[0]);
    return allOf('uint8');
  },
  forward(inputs) {
    const [x] = operands('dynamicZeroPoint', inputs, 1);
    const zeroPoint = requantised('dynamicZeroPoint', Math.fround(-extremes(x)[0] / scaleOf(x)), { zeroPoint: 0, range: [0, 255] });
    return { shape: [], data: Float32Array.of(zeroPoint) };
  },
  macs: noMacs,
};

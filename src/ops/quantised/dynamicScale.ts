import { operands, type Tensor } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

/** The least and the largest of a value and 0, which stays exact, so. */
export function extremes({ data }: Tensor): readonly [least: number, largest: number] {
  let [least, largest] = [0, 0];
  for (let i = 0; i < data.length; i++) {
    const value = Math.fround(data[i] as number);
    least = Math.min(least, value);
    largest = Math.max(largest, value);
  }
  return [least, largest];
}

/** Of a value that is 0 everywhere any scale will do. */
export function scaleOf(x: Tensor): number {
  const [least, largest] = extremes(x);
  return least === largest ? 1 : Math.fround(Math.fround(largest - least) / 255);
}

export const dynamicScale: OpDef<'dynamicScale'> = {
  infer(inputs) {
    operands('dynamicScale', inputs, 1);
    return [];
  },
  macs: noMacs,
};

/** [] = (max(x, 0) − min(x, 0)) / 255, each step in float32: the scale of ONNX's DynamicQuantizeLinear; 1 for zeros. */
export const forward: Forward<'dynamicScale'> = (inputs) => ({
  shape: [],
  data: Float32Array.of(scaleOf(operands('dynamicScale', inputs, 1)[0])),
});

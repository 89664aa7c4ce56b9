import { ShapeError } from '../../errors.js';
import { map, operands } from '../../tensor.js';
import { forward as hardSigmoid } from '../hardSigmoid.js';
import { forward as hardSwish } from '../hardSwish.js';
import { type Forward, noMacs, type OpDef, type PointwiseOp, type QuantisedPointwiseAttrs } from '../op.js';
import { forward as relu } from '../relu.js';
import { forward as relu6 } from '../relu6.js';
import { forward as sigmoid } from '../sigmoid.js';
import { forward as silu } from '../silu.js';
import { forward as tanh } from '../tanh.js';
import { expectIntegers, integersOf, quantisedValue, rangeOf, realValue } from './quantisation.js';

const functions = { relu, relu6, sigmoid, hardSigmoid, hardSwish, silu, tanh } satisfies { readonly [K in PointwiseOp]: Forward<K> };

/** A function of each number, in float64. */
export const valuesOf = (of: PointwiseOp, reals: Float64Array): Float64Array =>
  functions[of]([{ shape: [reals.length], data: reals }], {}).data as Float64Array;

/**
 * y for each of the 256 integers that x may be, from the lowest of its dtype on: quantise(f(dequantise(x))), f in float64 and rounded to float32.
 *
 * @throws InputError for a function that is NaN there
 */
export function tableOf({ x, y, of }: QuantisedPointwiseAttrs): Float32Array {
  const lowest = rangeOf[x.dtype][0];
  const reals = Float64Array.from({ length: 256 }, (_, i) => realValue(lowest + i, x));
  const values = of === 'identity' ? reals : valuesOf(of, reals);
  return Float32Array.from(values, (value) => quantisedValue('quantisedPointwise', value, y));
}

export const quantisedPointwise: OpDef<'quantisedPointwise'> = {
  infer(inputs, { of }) {
    if (of !== 'identity' && !Object.hasOwn(functions, of))
      throw new ShapeError(`quantisedPointwise: ${of} is no function of one value`, {});
    return operands('quantisedPointwise', inputs, 1)[0];
  },
  integers(inputs, { x, y }) {
    expectIntegers('quantisedPointwise', 'x', integersOf(x), inputs[0]);
    return integersOf(y);
  },
  macs: noMacs,
};

/** A function of each 8-bit value, as a table of 256: y = quantise(f(dequantise(x))). Of `identity` it changes the quantisation alone. */
export const forward: Forward<'quantisedPointwise'> = (inputs, attrs) => {
  const [x] = operands('quantisedPointwise', inputs, 1);
  const table = tableOf(attrs);
  const lowest = rangeOf[attrs.x.dtype][0];
  return map(x, (q) => table[q - lowest] as number);
};

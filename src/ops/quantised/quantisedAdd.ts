import { ShapeError } from '../../errors.js';
import { operands, sameShape, sizeOf } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';
import { bytes, expectEach, integersOf, requantised } from './quantisation.js';

export const quantisedAdd: OpDef<'quantisedAdd'> = {
  infer(inputs) {
    const [a, b] = operands('quantisedAdd', inputs, 2);
    if (!sameShape(a, b)) throw new ShapeError('quantisedAdd', { a, b });
    return a;
  },
  integers(inputs, { a, b, y }) {
    expectEach('quantisedAdd', ['a', 'b'], [integersOf(a), integersOf(b)])(inputs);
    return integersOf(y);
  },
  macs: noMacs,
};

/**
 * The sum of two 8-bit values of equal shapes, each with a quantisation of its own:
 *
 *   r = float32(float32((a − a.zeroPoint) · mₐ) + float32((b − b.zeroPoint) · m_b)),   m = float32(scale / y.scale)
 *   y = clip(round(r) + y.zeroPoint)                                                   ties to even
 *
 * Three roundings to float32, none of them fused: 10⁻⁵ of a quantum. A ReLU is y's range.
 */
export const forward: Forward<'quantisedAdd'> = (inputs, attrs) => {
  const [a, b] = operands('quantisedAdd', inputs, 2);
  const y = bytes(a.shape, sizeOf(a.shape));
  const [ma, mb] = [Math.fround(attrs.a.scale / attrs.y.scale), Math.fround(attrs.b.scale / attrs.y.scale)];
  for (let i = 0; i < y.data.length; i++) {
    const [p, q] = [(a.data[i] as number) - attrs.a.zeroPoint, (b.data[i] as number) - attrs.b.zeroPoint];
    y.data[i] = requantised('quantisedAdd', Math.fround(Math.fround(p * ma) + Math.fround(q * mb)), attrs.y);
  }
  return y;
};

import { ShapeError } from '../../errors.js';
import { type Shape, sameShape, sizeOf, type Tensor } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';
import { scale } from '../scale.js';
import { bytes, expectEach, integersOf, requantised } from './quantisation.js';

export const quantisedScale: OpDef<'quantisedScale'> = {
  infer(inputs, { residual }) {
    const [u, s, other] = inputs as readonly [Shape, Shape, Shape?];
    if (inputs.length !== (residual ? 3 : 2))
      throw new ShapeError('quantisedScale takes u, gates, and a residual if it has attributes for one', { operands: [inputs.length] });
    scale.infer([u, s], {});
    if (other && !sameShape(u, other)) throw new ShapeError('quantisedScale', { u, residual: other });
    return u;
  },
  integers(inputs, { u, residual, y }) {
    expectEach('quantisedScale', ['u', 's', 'the residual'], [integersOf(u), undefined, residual && integersOf(residual)])(inputs);
    return integersOf(y);
  },
  macs: noMacs,
};

/**
 * SE's scaling (Hu 2018, eq. 4) of 8-bit u [N, C, H, W] by float gates s [N, C], with a residual connection or without: the gate is part of the multiplier, so
 * that the scaled value is rounded once, with the sum.
 *
 *   r = float32((u − u.zeroPoint) · float32(s · m_u)) [ + float32((residual − residual.zeroPoint) · m_r), rounded to float32 ],   m = float32(scale / y.scale)
 *   y = clip(round(r) + y.zeroPoint)                                                                                                 ties to even
 *
 * s is rounded to float32. A ReLU is y's range.
 */
export const forward: Forward<'quantisedScale'> = (inputs, attrs) => {
  const [u, s, other] = inputs as readonly [Tensor, Tensor, Tensor?];
  const y = bytes(u.shape, sizeOf(u.shape));
  const m = Math.fround(attrs.u.scale / attrs.y.scale);
  const factors = Float32Array.from(s.data, (gate) => Math.fround(gate) * m);
  const mr = attrs.residual ? Math.fround(attrs.residual.scale / attrs.y.scale) : 0;
  const plane = u.data.length / s.data.length;
  for (let i = 0; i < y.data.length; i++) {
    let r = Math.fround(((u.data[i] as number) - attrs.u.zeroPoint) * (factors[Math.floor(i / plane)] as number));
    if (other && attrs.residual) r = Math.fround(r + Math.fround(((other.data[i] as number) - attrs.residual.zeroPoint) * mr));
    y.data[i] = requantised('quantisedScale', r, attrs.y);
  }
  return y;
};

import { ShapeError } from '../../errors.js';
import { halfToEven, operands, sameShape, zerosLike } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const fakeQuantiseGrad: OpDef<'fakeQuantiseGrad'> = {
  infer(inputs) {
    const [x, dy] = operands('fakeQuantiseGrad', inputs, 2);
    if (!sameShape(x, dy)) throw new ShapeError('fakeQuantiseGrad', { x, dy });
    return x;
  },
  macs: noMacs,
};

/** dx = dy where the integer of x lies in the range, else 0: fakeQuantise's straight-through estimator. */
export const forward: Forward<'fakeQuantiseGrad'> = (inputs, { y: { scale, zeroPoint, range } }) => {
  const [x, dy] = operands('fakeQuantiseGrad', inputs, 2);
  const dx = zerosLike(dy, x.shape);
  for (let i = 0; i < dx.data.length; i++) {
    const q = halfToEven(Math.fround(Math.fround(x.data[i] as number) / scale)) + zeroPoint;
    dx.data[i] = q >= range[0] && q <= range[1] ? (dy.data[i] as number) : 0;
  }
  return dx;
};

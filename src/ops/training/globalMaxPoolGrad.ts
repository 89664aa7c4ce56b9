import { ShapeError } from '../../errors.js';
import { dims4, operands, sameShape, zerosLike } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const globalMaxPoolGrad: OpDef<'globalMaxPoolGrad'> = {
  infer(inputs) {
    const [u, dz] = operands('globalMaxPoolGrad', inputs, 2);
    const [N, C] = dims4(u);
    if (!sameShape(dz, [N, C])) throw new ShapeError('globalMaxPoolGrad', { u, dz });
    return u;
  },
  macs: noMacs,
};

/** du[n, c, h, w] = dz[n, c] at the plane's largest value, the first of equal ones, and 0 elsewhere. */
export const forward: Forward<'globalMaxPoolGrad'> = (inputs) => {
  const [u, dz] = operands('globalMaxPoolGrad', inputs, 2);
  const du = zerosLike(u, u.shape);
  const plane = u.data.length / dz.data.length;
  for (let i = 0; i < dz.data.length; i++) {
    let first = i * plane;
    for (let at = first; at < (i + 1) * plane; at++) if ((u.data[at] as number) > (u.data[first] as number)) first = at;
    du.data[first] = dz.data[i] as number;
  }
  return du;
};

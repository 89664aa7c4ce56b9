import { ShapeError } from '../../errors.js';
import { dims4, operands, sameShape, zerosLike } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const planeDot: OpDef<'planeDot'> = {
  infer(inputs) {
    const [a, b] = operands('planeDot', inputs, 2);
    if (!sameShape(a, b)) throw new ShapeError('planeDot', { a, b });
    const [N, C] = dims4(a);
    return [N, C];
  },
  macs: noMacs,
};

/** z[n, c] = Σ_h Σ_w a[n, c, h, w] · b[n, c, h, w]: the cotangent of a gate that scaled a by, b that of the product. */
export const forward: Forward<'planeDot'> = (inputs) => {
  const [a, b] = operands('planeDot', inputs, 2);
  const z = zerosLike(a, planeDot.infer([a.shape, b.shape], {}));
  const plane = a.data.length / z.data.length;
  for (let i = 0; i < z.data.length; i++) {
    let sum = 0;
    for (let hw = i * plane; hw < (i + 1) * plane; hw++) sum += (a.data[hw] as number) * (b.data[hw] as number);
    z.data[i] = sum;
  }
  return z;
};

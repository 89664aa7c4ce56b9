import { ShapeError } from '../errors.js';
import { dims2, dims4, operands, zerosLike } from '../tensor.js';
import { type Forward, noMacs, type OpDef, type Vjp } from './op.js';

export const scale: OpDef<'scale'> = {
  infer(inputs) {
    const [u, s] = operands('scale', inputs, 2);
    const [N, C] = dims4(u);
    const [Ns, Cs] = dims2(s);
    if (N !== Ns || C !== Cs) throw new ShapeError('scale: one gate a channel', { u, s });
    return u;
  },
  macs: noMacs,
};

/** y[n, c, h, w] = s[n, c] · u[n, c, h, w]: the SE block's gate applied (Hu 2018, eq. 4). */
export const forward: Forward<'scale'> = (inputs) => {
  const [u, s] = operands('scale', inputs, 2);
  const y = zerosLike(u, scale.infer([u.shape, s.shape], {}));
  const plane = u.data.length / s.data.length;
  for (let i = 0; i < y.data.length; i++) y.data[i] = (s.data[Math.floor(i / plane)] as number) * (u.data[i] as number);
  return y;
};

export const vjp: Vjp<'scale'> = ({ inputs, dy }) => {
  const [u, s] = operands('scale', inputs, 2);
  return [dy.graph.emit('scale', [dy, s], {}), dy.graph.emit('planeDot', [u, dy], {})];
};

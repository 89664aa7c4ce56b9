import { ShapeError } from '../errors.js';
import { operands, sameShape, zerosLike } from '../tensor.js';
import { type Forward, noMacs, type OpDef, type Vjp } from './op.js';

export const add: OpDef<'add'> = {
  infer(inputs) {
    const [a, b] = operands('add', inputs, 2);
    if (!sameShape(a, b)) throw new ShapeError('add', { a, b });
    return a;
  },
  macs: noMacs,
};

/** y = a + b, of equal shapes: the residual connection (He 2016, eq. 1). */
export const forward: Forward<'add'> = (inputs) => {
  const [a, b] = operands('add', inputs, 2);
  const y = zerosLike(a, add.infer([a.shape, b.shape], {}));
  for (let i = 0; i < y.data.length; i++) y.data[i] = (a.data[i] as number) + (b.data[i] as number);
  return y;
};

export const vjp: Vjp<'add'> = ({ dy }) => [dy, dy];

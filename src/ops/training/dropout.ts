import { ShapeError } from '../../errors.js';
import { operands, sameShape, zerosLike } from '../../tensor.js';
import { type Forward, noMacs, type OpDef, type Vjp } from '../op.js';

export const dropout: OpDef<'dropout'> = {
  infer(inputs, { rate }) {
    const [x, mask] = operands('dropout', inputs, 2);
    if (!(rate >= 0 && rate < 1)) throw new ShapeError(`dropout: a rate is at least 0 and less than 1, not ${rate}`, { x });
    if (!sameShape(x, mask)) throw new ShapeError('dropout', { x, mask });
    return x;
  },
  macs: noMacs,
};

/**
 * y = x · mask / (1 − rate), the mask 1 where a value is kept and 0 where it is dropped (Srivastava 2014, JMLR 15). The mask is an operand, so that
 * a graph holds no chance; training draws it.
 */
export const forward: Forward<'dropout'> = (inputs, { rate }) => {
  const [x, mask] = operands('dropout', inputs, 2);
  const y = zerosLike(x, x.shape);
  for (let i = 0; i < y.data.length; i++) y.data[i] = ((x.data[i] as number) * (mask.data[i] as number)) / (1 - rate);
  return y;
};

export const vjp: Vjp<'dropout'> = ({ attrs, inputs, dy }) => {
  const [, mask] = operands('dropout', inputs, 2);
  return [dy.graph.emit('dropout', [dy, mask], attrs), null];
};

import { ShapeError } from '../errors.js';
import { operands, sameShape, zerosLike } from '../tensor.js';
import { type Forward, noMacs, type OpDef, type Vjp } from './op.js';

export const multiply: OpDef<'multiply'> = {
  infer(inputs) {
    const [a, b] = operands('multiply', inputs, 2);
    if (!sameShape(a, b)) throw new ShapeError('multiply', { a, b });
    return a;
  },
  macs: noMacs,
};

/** y = a · b, element by element, of equal shapes: a gate with a value for every pixel. */
export const forward: Forward<'multiply'> = (inputs) => {
  const [a, b] = operands('multiply', inputs, 2);
  const y = zerosLike(a, multiply.infer([a.shape, b.shape], {}));
  for (let i = 0; i < y.data.length; i++) y.data[i] = (a.data[i] as number) * (b.data[i] as number);
  return y;
};

export const vjp: Vjp<'multiply'> = ({ inputs, dy }) => {
  const [a, b] = operands('multiply', inputs, 2);
  return [dy.graph.emit('multiply', [b, dy], {}), dy.graph.emit('multiply', [a, dy], {})];
};

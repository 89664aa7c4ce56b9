import { operands, rounded } from '../../tensor.js';
import { type Forward, noMacs, type OpDef, type Value, type Vjp } from '../op.js';

export const mean: OpDef<'mean'> = {
  infer(inputs) {
    operands('mean', inputs, 1);
    return [];
  },
  macs: noMacs,
};

/** y [] = the mean of all of x's values: a loss over a minibatch. */
export const forward: Forward<'mean'> = (inputs) => {
  const [x] = operands('mean', inputs, 1);
  let sum = 0;
  for (const value of x.data) sum += value;
  return rounded(x, [], [sum / x.data.length]);
};

export const vjp: Vjp<'mean'> = ({ inputs: [x], dy }) => [dy.graph.emit('meanGrad', [dy], { shape: (x as Value).shape, axes: [] })];

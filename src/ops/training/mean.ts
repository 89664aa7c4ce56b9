import { operands, rounded } from '../../tensor.js';
import { noMacs, type OpDef, type Value } from '../op.js';

/** y [] = the mean of all of x's values: a loss over a minibatch. */
export const mean: OpDef<'mean'> = {
  infer(inputs) {
    operands('mean', inputs, 1);
    return [];
  },
  forward(inputs) {
    const [x] = operands('mean', inputs, 1);
    let sum = 0;
    for (const value of x.data) sum += value;
    return rounded(x, [], [sum / x.data.length]);
  },
  macs: noMacs,
  vjp: ({ inputs: [x], dy }) => [dy.graph.emit('meanGrad', [dy], { shape: (x as Value).shape, axes: [] })],
};

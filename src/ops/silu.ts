import { map, operands } from '../tensor.js';
import { noMacs, type OpDef, type Value } from './op.js';

/** y = x · σ(x), also called swish (Ramachandran 2017, arXiv:1710.05941); NaN at −∞, as the formula has it. */
export const silu: OpDef<'silu'> = {
  infer: (inputs) => operands('silu', inputs, 1)[0],
  forward: (inputs) => map(operands('silu', inputs, 1)[0], (x) => x / (1 + Math.exp(-x))),
  macs: noMacs,
  vjp: ({ inputs: [x], dy }) => [dy.graph.emit('pointwiseGrad', [x as Value, dy], { of: 'silu' })],
};

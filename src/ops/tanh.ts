import { map, operands } from '../tensor.js';
import { noMacs, type OpDef, type Value } from './op.js';

/** y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ): one of the gates that Hu 2018 compares (table 9). */
export const tanh: OpDef<'tanh'> = {
  infer: (inputs) => operands('tanh', inputs, 1)[0],
  forward: (inputs) => map(operands('tanh', inputs, 1)[0], Math.tanh),
  macs: noMacs,
  vjp: ({ inputs: [x], dy }) => [dy.graph.emit('pointwiseGrad', [x as Value, dy], { of: 'tanh' })],
};

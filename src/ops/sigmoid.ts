import { map, operands } from '../tensor.js';
import { noMacs, type OpDef, type Value } from './op.js';

/** y = 1 / (1 + e^−x), the gate of the SE block (Hu 2018, eq. 3). */
export const sigmoid: OpDef<'sigmoid'> = {
  infer: (inputs) => operands('sigmoid', inputs, 1)[0],
  forward: (inputs) => map(operands('sigmoid', inputs, 1)[0], (x) => 1 / (1 + Math.exp(-x))),
  macs: noMacs,
  vjp: ({ inputs: [x], dy }) => [dy.graph.emit('pointwiseGrad', [x as Value, dy], { of: 'sigmoid' })],
};

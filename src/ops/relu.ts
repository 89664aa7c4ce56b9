import { map, operands } from '../tensor.js';
import { noMacs, type OpDef, type Value } from './op.js';

/** y = max(x, 0); NaN stays NaN. */
export const relu: OpDef<'relu'> = {
  infer: (inputs) => operands('relu', inputs, 1)[0],
  forward: (inputs) => map(operands('relu', inputs, 1)[0], (x) => Math.max(x, 0)),
  macs: noMacs,
  vjp: ({ inputs: [x], dy }) => [dy.graph.emit('pointwiseGrad', [x as Value, dy], { of: 'relu' })],
};

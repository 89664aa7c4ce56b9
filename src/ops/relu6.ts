import { map, operands } from '../tensor.js';
import { noMacs, type OpDef, type Value } from './op.js';

export const clamp06 = (x: number): number => Math.min(Math.max(x, 0), 6);

/** y = min(max(x, 0), 6) (Krizhevsky 2010; Howard 2017, arXiv:1704.04861); NaN stays NaN. */
export const relu6: OpDef<'relu6'> = {
  infer: (inputs) => operands('relu6', inputs, 1)[0],
  forward: (inputs) => map(operands('relu6', inputs, 1)[0], clamp06),
  macs: noMacs,
  vjp: ({ inputs: [x], dy }) => [dy.graph.emit('pointwiseGrad', [x as Value, dy], { of: 'relu6' })],
};

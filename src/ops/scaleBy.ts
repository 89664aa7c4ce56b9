import { map, operands } from '../tensor.js';
import { noMacs, type OpDef } from './op.js';

/** y = factor · x: the damping of a residual (Szegedy 2016, arXiv:1602.07261, §3.3). */
export const scaleBy: OpDef<'scaleBy'> = {
  infer: (inputs) => operands('scaleBy', inputs, 1)[0],
  forward: (inputs, { factor }) => map(operands('scaleBy', inputs, 1)[0], (x) => factor * x),
  macs: noMacs,
  vjp: ({ attrs, dy }) => [dy.graph.emit('scaleBy', [dy], attrs)],
};

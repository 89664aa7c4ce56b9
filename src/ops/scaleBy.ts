import { map, operands } from '../tensor.js';
import { type Forward, noMacs, type OpDef, type Vjp } from './op.js';

export const scaleBy: OpDef<'scaleBy'> = {
  infer: (inputs) => operands('scaleBy', inputs, 1)[0],
  macs: noMacs,
};

/** y = factor · x: the damping of a residual (Szegedy 2016, arXiv:1602.07261, §3.3). */
export const forward: Forward<'scaleBy'> = (inputs, { factor }) => map(operands('scaleBy', inputs, 1)[0], (x) => factor * x);

export const vjp: Vjp<'scaleBy'> = ({ attrs, dy }) => [dy.graph.emit('scaleBy', [dy], attrs)];

import { map, operands } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const fill: OpDef<'fill'> = {
  infer: (inputs) => operands('fill', inputs, 1)[0],
  macs: noMacs,
};

/** y = the same number everywhere, in the shape and precision of x: where gradients start. */
export const forward: Forward<'fill'> = (inputs, { value }) => map(operands('fill', inputs, 1)[0], () => value);

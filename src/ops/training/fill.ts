import { map, operands } from '../../tensor.js';
import { noMacs, type OpDef } from '../op.js';

/** y = the same number everywhere, in the shape and precision of x: where gradients start. */
export const fill: OpDef<'fill'> = {
  infer: (inputs) => operands('fill', inputs, 1)[0],
  forward: (inputs, { value }) => map(operands('fill', inputs, 1)[0], () => value),
  macs: noMacs,
};

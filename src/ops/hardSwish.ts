import { map, operands } from '../tensor.js';
import { noMacs, type OpDef, type Value } from './op.js';
import { clamp06 } from './relu6.js';

/** y = x · relu6(x + 3) / 6 (Howard 2019, arXiv:1905.02244, §5.2); NaN at −∞, as the formula has it. */
export const hardSwish: OpDef<'hardSwish'> = {
  infer: (inputs) => operands('hardSwish', inputs, 1)[0],
  forward: (inputs) => map(operands('hardSwish', inputs, 1)[0], (x) => x * (clamp06(x + 3) / 6)),
  macs: noMacs,
  vjp: ({ inputs: [x], dy }) => [dy.graph.emit('pointwiseGrad', [x as Value, dy], { of: 'hardSwish' })],
};

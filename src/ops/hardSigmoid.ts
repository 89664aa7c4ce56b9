import { map, operands } from '../tensor.js';
import { noMacs, type OpDef, type Value } from './op.js';
import { clamp06 } from './relu6.js';

/** y = relu6(x + 3) / 6, the gate of MobileNetV3 (Howard 2019, arXiv:1905.02244, §5.2). */
export const hardSigmoid: OpDef<'hardSigmoid'> = {
  infer: (inputs) => operands('hardSigmoid', inputs, 1)[0],
  forward: (inputs) => map(operands('hardSigmoid', inputs, 1)[0], (x) => clamp06(x + 3) / 6),
  macs: noMacs,
  vjp: ({ inputs: [x], dy }) => [dy.graph.emit('pointwiseGrad', [x as Value, dy], { of: 'hardSigmoid' })],
};

import type { Forward } from './op.js';
import { each, pointwise } from './pointwise.js';
import { clamp06 } from './relu6.js';

export const hardSigmoid = pointwise('hardSigmoid');

/** y = relu6(x + 3) / 6, the gate of MobileNetV3 (Howard 2019, arXiv:1905.02244, §5.2). */
export const forward: Forward<'hardSigmoid'> = (inputs) => each('hardSigmoid', inputs, (x) => clamp06(x + 3) / 6);

import type { Forward } from './op.js';
import { each, pointwise } from './pointwise.js';
import { clamp06 } from './relu6.js';

export const hardSwish = pointwise('hardSwish');

/** y = x · relu6(x + 3) / 6 (Howard 2019, arXiv:1905.02244, §5.2); NaN at −∞, as the formula has it. */
export const forward: Forward<'hardSwish'> = (inputs) => each('hardSwish', inputs, (x) => x * (clamp06(x + 3) / 6));

import type { Forward } from './op.js';
import { each, pointwise } from './pointwise.js';

export const silu = pointwise('silu');

/** y = x · σ(x), also called swish (Ramachandran 2017, arXiv:1710.05941); NaN at −∞, as the formula has it. */
export const forward: Forward<'silu'> = (inputs) => each('silu', inputs, (x) => x / (1 + Math.exp(-x)));

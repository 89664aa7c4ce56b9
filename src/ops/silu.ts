import { pointwise } from './pointwise.js';

/** y = x · σ(x), also called swish (Ramachandran 2017, arXiv:1710.05941); NaN at −∞, as the formula has it. */
export const silu = pointwise('silu', (x) => x / (1 + Math.exp(-x)));

import type { Forward } from './op.js';
import { each, pointwise } from './pointwise.js';

export const tanh = pointwise('tanh');

/** y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ): one of the gates that Hu 2018 compares (table 12). */
export const forward: Forward<'tanh'> = (inputs) => each('tanh', inputs, Math.tanh);

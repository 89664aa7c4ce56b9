import type { Forward } from './op.js';
import { each, pointwise } from './pointwise.js';

export const sigmoid = pointwise('sigmoid');

/** y = 1 / (1 + e^−x), the gate of the SE block (Hu 2018, eq. 3). */
export const forward: Forward<'sigmoid'> = (inputs) => each('sigmoid', inputs, (x) => 1 / (1 + Math.exp(-x)));

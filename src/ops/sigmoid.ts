import { pointwise } from './pointwise.js';

/** y = 1 / (1 + e^−x), the gate of the SE block (Hu 2018, eq. 3). */
export const sigmoid = pointwise('sigmoid', (x) => 1 / (1 + Math.exp(-x)));

import { pointwise } from './pointwise.js';

/** y = (eˣ − e⁻ˣ) / (eˣ + e⁻ˣ): one of the gates that Hu 2018 compares (table 12). */
export const tanh = pointwise('tanh', Math.tanh);

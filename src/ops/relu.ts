import { pointwise } from './pointwise.js';

/** y = max(x, 0); NaN stays NaN. */
export const relu = pointwise('relu', (x) => Math.max(x, 0));

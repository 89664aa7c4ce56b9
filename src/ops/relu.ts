import type { Forward } from './op.js';
import { each, pointwise } from './pointwise.js';

export const relu = pointwise('relu');

/** y = max(x, 0); NaN stays NaN. */
export const forward: Forward<'relu'> = (inputs) => each('relu', inputs, (x) => Math.max(x, 0));

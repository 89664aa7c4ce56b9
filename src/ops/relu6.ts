import type { Forward } from './op.js';
import { each, pointwise } from './pointwise.js';

export const clamp06 = (x: number): number => Math.min(Math.max(x, 0), 6);

export const relu6 = pointwise('relu6');

/** y = min(max(x, 0), 6) (Krizhevsky 2010; Howard 2017, arXiv:1704.04861); NaN stays NaN. */
export const forward: Forward<'relu6'> = (inputs) => each('relu6', inputs, clamp06);

import fc from 'fast-check';
import type { Box, Pair } from '../../src/ops/op.js';

/** Draws of what shapes and windows are made of. Each shrinks towards 1, or 0. */

export const seeds = (): fc.Arbitrary<number> => fc.nat(2 ** 31 - 1);
export const extents = (max: number, min = 1): fc.Arbitrary<number> => fc.integer({ min, max });
export const pairs = (max: number): fc.Arbitrary<Pair> => fc.tuple(extents(max), extents(max));
/** Four different sides: a swapped pair of them must show. */
export const boxes = (max: number): fc.Arbitrary<Box> => fc.tuple(fc.nat(max), fc.nat(max), fc.nat(max), fc.nat(max));

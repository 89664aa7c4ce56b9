import type { Quantisation } from '../../src/ops/quantised/quantisation.js';
import { map, type Shape, type Tensor } from '../../src/tensor.js';
import { seeded } from './arbitraries.js';

/** Whole numbers from `lowest` to `highest`, both ends among them. */
export const wholesWithin = (shape: Shape, seed: number, [lowest, highest]: readonly [number, number]): Tensor =>
  map(seeded(shape, seed), (value) => Math.min(lowest + Math.floor(((value + 1) / 2) * (highest - lowest + 1)), highest));

/** A float as a fraction: exactly. */
function fraction(value: number): readonly [bigint, bigint] {
  let [numerator, denominator] = [value, 1n];
  while (!Number.isInteger(numerator)) {
    numerator *= 2;
    denominator *= 2n;
  }
  return [BigInt(numerator), denominator];
}

/** What exact arithmetic makes of sum · a · b / c: the nearest integer, ties to even, and how far the number is from a tie. */
export function exactlyScaled(
  sum: number,
  [a, b, c]: readonly [number, number, number],
): { readonly integer: number; readonly fromTie: number } {
  const [p, q, r] = [fraction(a), fraction(b), fraction(c)];
  const [top, bottom] = [BigInt(sum) * p[0] * q[0] * r[1], p[1] * q[1] * r[0]];
  const floor = top >= 0n ? top / bottom : -((-top + bottom - 1n) / bottom);
  const twice = 2n * (top - floor * bottom) - bottom; // of the distance from the half, in units of 1 / bottom
  const up = twice > 0n || (twice === 0n && floor % 2n !== 0n);
  return { integer: Number(up ? floor + 1n : floor), fromTie: Math.abs(Number(twice)) / (2 * Number(bottom)) };
}

/** The integers that a sum may become: one, or two where it is so near a tie that the stated float32 operations may fall on either side; at a tie one. */
export function requantisedExactly(sum: number, factors: readonly [number, number, number], y: Quantisation): readonly number[] {
  const { integer, fromTie } = exactlyScaled(sum, factors);
  const near = fromTie > 0 && fromTie < Math.abs(integer) * 3 * 2 ** -24 + 2 ** -24;
  return (near ? [integer - 1, integer, integer + 1] : [integer]).map((value) =>
    Math.min(Math.max(value + y.zeroPoint, y.range[0]), y.range[1]),
  );
}

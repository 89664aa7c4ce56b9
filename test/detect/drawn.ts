import { map } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';

/** Boxes with whole corners from 0 to 8: so few that areas of 0, equal boxes and IoUs exactly at a threshold are frequent. */
export function wholeBoxes(count: number, seed: number): Float64Array {
  const corner = (value: number): number => Math.floor((value + 1) * 4.5);
  const { data } = map(seeded([count, 4], seed), corner);
  const boxes = Float64Array.from(data);
  for (let i = 0; i < boxes.length; i += 4) for (const at of [i, i + 1]) order(boxes, at, at + 2);
  return boxes;
}

/** Boxes anywhere in −20 to 120, with sides of at least 1. */
export function anyBoxes(count: number, seed: number): Float64Array {
  const boxes = Float64Array.from(seeded([count, 4], seed).data, (value) => 50 + 70 * value);
  for (let i = 0; i < boxes.length; i += 4)
    for (const at of [i, i + 1]) {
      order(boxes, at, at + 2);
      boxes[at + 2] = Math.max(boxes[at + 2] as number, (boxes[at] as number) + 1);
    }
  return boxes;
}

/** Scores from 0 to 1 in `steps` steps, so that few of them differ. */
export const fewScores = (count: number, seed: number, steps = 4): Float64Array =>
  Float64Array.from(seeded([count], seed).data, (value) => Math.floor(((value + 1) / 2) * steps) / steps);

function order(values: Float64Array, a: number, b: number): void {
  const [low, high] = [values[a] as number, values[b] as number].sort((x, y) => x - y) as [number, number];
  values[a] = low;
  values[b] = high;
}

/** The four numbers of each box. */
export const rowsOf = (boxes: ArrayLike<number>): readonly (readonly [number, number, number, number])[] =>
  Array.from({ length: boxes.length / 4 }, (_, i) => Array.from({ length: 4 }, (_, side) => boxes[4 * i + side]) as never);

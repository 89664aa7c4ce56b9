import { expect, test } from 'vitest';
import { InputError, ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import type { Pair } from '../../src/ops/op.js';
import { roiPool } from '../../src/ops/roiPool.js';
import { type Shape, tensor } from '../../src/tensor.js';

/** 4·h + w. */
const ramp = tensor([1, 1, 4, 4], [...Array(16).keys()]);
const pool = (row: readonly number[], output: Pair, scale = 1, x = ramp): readonly number[] => [
  ...forwards.roiPool([x, tensor([1, 6], row)], { output, scale }).data,
];

// biome-ignore format: one region a line
const byHand: readonly (readonly [string, readonly number[], Pair, readonly number[]])[] = [
  ['halves are rounded up, and bins of 1.5 cells overlap', [0, 0, 0.5, 0.5, 2.5, 2.5], [2, 2], [10, 11, 14, 15]],
  ['below 0, halves are rounded down: −2 and −1 are outside', [0, 0, -1.5, 0, -0.5, 3], [1, 1], [0]],
  ['a little below a half is rounded to 0', [0, 0, 0.49999997, 0, 0.49999997, 0], [1, 1], [0]],
  ['both corners belong to the region', [0, 0, 1, 2, 2, 3], [1, 1], [14]],
  ['a point is a cell, which every bin has', [0, 0, 1, 1, 1, 1], [2, 2], [5, 5, 5, 5]],
  ['corners the wrong way round are a cell', [0, 0, 2, 2, 0, 0], [1, 1], [10]],
  ['what hangs over the map is cut off; bins beyond it are 0', [0, 0, 2, 0, 5, 3], [1, 2], [15, 0]],
  ['a pad', [-1, 9, NaN, 0, 1, 1], [1, 1], [0]],
];
test.each(byHand)('by hand: %s', (_, row, output, expected) => {
  expect(pool(row, output)).toEqual(expected);
});

test('a scale from pixels to cells', () => {
  expect(pool([0, 0, 16, 32, 32, 48], [1, 1], 1 / 16)).toEqual([14]);
});

test('NaN is kept, and so is what lies below every number', () => {
  expect(pool([0, 0, 0, 0, 1, 0], [1, 1], 1, tensor([1, 1, 1, 2], [NaN, 1]))).toEqual([NaN]);
  expect(pool([0, 0, 0, 0, 1, 0], [1, 1], 1, tensor([1, 1, 1, 2], [-Infinity, -Infinity]))).toEqual([-Infinity]);
});

// biome-ignore format: one row a case
const unfit: readonly (readonly [readonly Shape[], Pair])[] = [
  [[[1, 2, 3, 4]], [1, 1]],
  [[[1, 2, 3, 4], [1, 2, 3, 4], [1, 6]], [1, 1]],
  [[[1, 2, 3, 4], [1, 5]], [1, 1]],
  [[[1, 2, 3, 4], [1, 6]], [1, 0.5]],
];
test.each(unfit)('%o to %o is a ShapeError', (shapes, output) => {
  expect(() => roiPool.infer(shapes, { output, scale: 1 })).toThrow(ShapeError);
});

test('there is one map', () => {
  expect(() => pool([1, 0, 0, 0, 1, 1], [1, 1])).toThrow(InputError);
  expect(() => pool([1, 0, 0, 0, 1, 1], [1, 1])).toThrow('roiPool: region 0 is of map 1; there are 0 to 0, and −1 of a pad');
});

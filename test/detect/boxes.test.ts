import fc from 'fast-check';
import { expect, test } from 'vitest';
import { boxesOfSide, clipBoxes, finiteBoxes, pick, takeBoxes } from '../../src/detect/boxes.js';
import { InputError, ShapeError } from '../../src/errors.js';
import { seeds } from '../support/arbitraries.js';
import { anyBoxes, rowsOf } from './drawn.js';

test('clipping moves each corner to the nearest place of the image, its far edges included', () => {
  fc.assert(
    fc.property(fc.nat(20), seeds(), (count, seed) => {
      const boxes = anyBoxes(count, seed);
      const nearest = (value: number, extent: number): number => [0, value, extent].sort((a, b) => a - b)[1] as number;
      const expected = rowsOf(boxes).map(([x1, y1, x2, y2]) => [nearest(x1, 90), nearest(y1, 60), nearest(x2, 90), nearest(y2, 60)]);
      expect(rowsOf(clipBoxes(boxes, [60, 90]))).toEqual(expected);
    }),
  );
  expect([...clipBoxes(Float64Array.of(-1, 60, 90, 61), [60, 90])]).toEqual([0, 60, 90, 60]);
  expect(clipBoxes(new Float64Array(0), [60, 90])).toHaveLength(0);
});

test('a side equal to the least stays, in float32', () => {
  const boxes = Float64Array.of(0, 0, 1 / 64, 5, 0, 0, 5, 1 / 64, 0, 0, 1 / 64 - 2 ** -20, 5, 0, 0, Math.fround(0.01), 5);
  expect([...boxesOfSide(boxes, 1 / 64)]).toEqual([0, 1]);
  // 0.01 in float32 is less than in float64
  expect(Math.fround(0.01)).toBeLessThan(0.01);
  expect([...boxesOfSide(boxes, 0.01)]).toEqual([0, 1, 2, 3]);
  expect([...boxesOfSide(Float64Array.of(5, 5, 4, 9), 0)]).toEqual([]);
});

test('a box is finite if all of its numbers and its score are', () => {
  const wrong = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of wrong) {
    for (const at of [0, 1, 2, 3]) {
      const boxes = new Float64Array(12).fill(1);
      boxes[4 + at] = value;
      expect([...finiteBoxes(boxes, new Float64Array(3))], `${value} at ${at}`).toEqual([0, 2]);
    }
    expect([...finiteBoxes(new Float64Array(8), Float64Array.of(value, 0))]).toEqual([1]);
  }
  const largest = new Float64Array(4).fill(Number.MAX_VALUE);
  expect([...finiteBoxes(largest, Float32Array.of(-3.4e38))]).toEqual([0]);
});

test('boxes and values are taken in the order of the indices', () => {
  expect([...takeBoxes(Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8), Int32Array.of(1, 0, 1))]).toEqual([5, 6, 7, 8, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(pick(Float64Array.of(0.5, 1.5), Int32Array.of(1, 0, 1))).toEqual(Float64Array.of(1.5, 0.5, 1.5));
  expect(pick(Int32Array.of(7, 8), Int32Array.of(1))).toEqual(Int32Array.of(8));
});

test('what are no boxes, image or limit is refused', () => {
  expect(() => clipBoxes(new Float64Array(5), [6, 9])).toThrow(new ShapeError('clip: a box is four numbers', { boxes: [5] }));
  for (const size of [[0, 9], [6, 9.5], [6], 'x', undefined])
    expect(() => clipBoxes(new Float64Array(4), size as never), String(size)).toThrow(InputError);
  expect(() => boxesOfSide(new Float64Array(3), 1)).toThrow(ShapeError);
  expect(() => boxesOfSide(new Float64Array(4), Number.NaN)).toThrow(InputError);
});

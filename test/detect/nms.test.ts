import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nms } from '../../src/detect/nms.js';
import { InputError, ShapeError } from '../../src/errors.js';
import { seeds } from '../support/arbitraries.js';
import { anyBoxes, fewScores, rowsOf, wholeBoxes } from './drawn.js';

type Box = readonly [number, number, number, number];

function iou(a: Box, b: Box): number {
  const area = ([x1, y1, x2, y2]: Box): number => (x2 - x1) * (y2 - y1);
  const shared: Box = [Math.max(a[0], b[0]), Math.max(a[1], b[1]), Math.min(a[2], b[2]), Math.min(a[3], b[3])];
  const both = shared[2] > shared[0] && shared[3] > shared[1] ? area(shared) : 0;
  return both / (area(a) + area(b) - both);
}

/** The definition: take the best of what is left, remove what overlaps it too much, and so on. */
function slow(boxes: Float64Array, scores: ArrayLike<number>, threshold: number, classes: ArrayLike<number>): readonly number[] {
  const rows = rowsOf(boxes);
  let left = rows.map((_, i) => i).sort((a, b) => (scores[b] as number) - (scores[a] as number));
  const kept: number[] = [];
  while (left.length > 0) {
    const [best, ...rest] = left as [number, ...number[]];
    kept.push(best);
    const tooNear = (i: number): boolean =>
      classes[i] === classes[best] && Math.fround(iou(rows[best] as Box, rows[i] as Box)) > Math.fround(threshold);
    left = rest.filter((i) => !tooNear(i));
  }
  return kept;
}

const thresholds = fc.constantFrom(0, 0.25, 0.3, 1 / 3, 0.5, 0.7, 1);
const many = fc.nat(40);

describe('suppression is its definition', () => {
  test('of boxes that often have no area, are equal or meet exactly at the threshold', () => {
    fc.assert(
      fc.property(many, thresholds, fc.integer({ min: 1, max: 3 }), seeds(), (count, threshold, kinds, seed) => {
        const boxes = wholeBoxes(count, seed);
        const scores = fewScores(count, seed + 1);
        const classes = Int32Array.from(fewScores(count, seed + 2, kinds), (value) => value * kinds);
        expect([...nms(boxes, scores, threshold, classes).keep]).toEqual(slow(boxes, scores, threshold, classes));
        expect([...nms(boxes, scores, threshold).keep]).toEqual(slow(boxes, scores, threshold, new Int32Array(count)));
      }),
    );
  });

  test('of any boxes, with scores in float32', () => {
    fc.assert(
      fc.property(many, thresholds, seeds(), (count, threshold, seed) => {
        const boxes = anyBoxes(count, seed);
        const scores = Float32Array.from(fewScores(count, seed + 1, 1000));
        expect([...nms(boxes, scores, threshold).keep]).toEqual(slow(boxes, scores, threshold, new Int32Array(count)));
      }),
    );
  });
});

test('with classes it is each class by itself, in the order of score over all', () => {
  fc.assert(
    fc.property(many, thresholds, seeds(), (count, threshold, seed) => {
      const boxes = wholeBoxes(count, seed);
      const scores = fewScores(count, seed + 1);
      const classes = Int32Array.from(fewScores(count, seed + 2, 3), (value) => value * 3 - 1); // classes are any whole numbers
      const alone = [-1, 0, 1].flatMap((label) => {
        const members = [...classes.keys()].filter((i) => classes[i] === label);
        const rows = rowsOf(boxes);
        const own = Float64Array.from(members.flatMap((i) => [...(rows[i] as Box)]));
        const { keep } = nms(
          own,
          Float64Array.from(members, (i) => scores[i] as number),
          threshold,
        );
        return [...keep].map((i) => members[i] as number);
      });
      const sorted = alone.sort((a, b) => (scores[b] as number) - (scores[a] as number) || a - b);
      expect([...nms(boxes, scores, threshold, classes).keep]).toEqual(sorted);
    }),
  );
});

test('so many of what is kept are the first of all that is kept', () => {
  fc.assert(
    fc.property(many, thresholds, fc.nat(12), seeds(), (count, threshold, most, seed) => {
      const boxes = wholeBoxes(count, seed);
      const scores = fewScores(count, seed + 1);
      const classes = Int32Array.from(fewScores(count, seed + 2, 3), (value) => value * 3);
      expect(nms(boxes, scores, threshold, classes, most).keep).toEqual(nms(boxes, scores, threshold, classes).keep.slice(0, most));
    }),
  );
});

test('an IoU exactly at the threshold stays, though 7/10 and 3/10 are no numbers of either precision', () => {
  const scores = Float64Array.of(0.9, 0.8);
  for (const tenths of [1, 2, 3, 4, 5, 6, 7, 8, 9]) {
    const boxes = Float64Array.of(0, 0, 10, 10, 0, 0, 10, tenths);
    expect([...nms(boxes, scores, tenths / 10).keep]).toEqual([0, 1]);
    expect([...nms(boxes, scores, Math.fround(tenths / 10)).keep]).toEqual([0, 1]);
    expect([...nms(boxes, scores, (tenths - 0.01) / 10).keep]).toEqual([0]);
  }
});

test('a removed box removes nothing, and of equal scores the lower index stays', () => {
  // each overlaps the next by a half of its own length: IoU 1/3
  const chain = Float64Array.of(0, 0, 2, 1, 1, 0, 3, 1, 2, 0, 4, 1);
  expect([...nms(chain, Float64Array.of(3, 2, 1), 0.3).keep]).toEqual([0, 2]);
  expect([...nms(chain, Float64Array.of(1, 1, 1), 0.3).keep]).toEqual([0, 2]);
  expect([...nms(chain, Float64Array.of(1, 2, 1), 0.3).keep]).toEqual([1]);
});

test('boxes of no area stay: 0 / 0 is not greater than 0', () => {
  expect([...nms(new Float64Array(12), new Float64Array(3), 0).keep]).toEqual([0, 1, 2]);
});

test('boxes and scores that are not finite are dropped, counted, and in nobody’s way', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 30 }),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY),
      seeds(),
      (count, wrong, seed) => {
        const boxes = wholeBoxes(count, seed);
        const scores = fewScores(count, seed + 1);
        const { keep } = nms(boxes, scores, 0.5);
        // in front of each box two more: one with a coordinate that is wrong, one with a score
        const mixed = Float64Array.from(rowsOf(boxes).flatMap(([x1, y1, x2, y2]) => [x1, y1, wrong, y2, x1, y1, x2, y2, x1, y1, x2, y2]));
        const mixedScores = Float64Array.from([...scores].flatMap((score) => [2, wrong, score]));
        expect(nms(mixed, mixedScores, 0.5)).toEqual({ keep: keep.map((i) => 3 * i + 2), dropped: 2 * count });
      },
    ),
  );
  expect(nms(new Float64Array(0), new Float64Array(0), 0.5)).toEqual({ keep: new Int32Array(0), dropped: 0 });
});

test('what does not fit together is refused', () => {
  const boxes = new Float64Array(8);
  expect(() => nms(new Float64Array(7), new Float64Array(2), 0.5)).toThrow(ShapeError);
  expect(() => nms(boxes, new Float64Array(3), 0.5)).toThrow('nms: one per box: boxes [2, 4], scores [3]');
  expect(() => nms(boxes, new Float64Array(2), 0.5, new Int32Array(1))).toThrow('nms: one per box: boxes [2, 4], classes [1]');
  for (const threshold of [Number.NaN, -0.5, Number.POSITIVE_INFINITY])
    expect(() => nms(boxes, new Float64Array(2), threshold)).toThrow(InputError);
});

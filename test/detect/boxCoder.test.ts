import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type CoderWeights, decodeBoxes, detectionWeights, encodeBoxes, proposalWeights } from '../../src/detect/boxCoder.js';
import { InputError, ShapeError } from '../../src/errors.js';
import { seeded, seeds } from '../support/arbitraries.js';
import { anyBoxes, rowsOf } from './drawn.js';

const weights = fc.constantFrom<CoderWeights>(proposalWeights, detectionWeights, [1, 2, 3, 4]);

/**
 * Coordinates are at most 120, their sums 240. A centre takes 3 roundings on either side, its difference, scaling there and back and the sum 6 more. A side's
 * logarithm is at most ln 140 < 5: rounded by at most 4 of its units, which exp makes 20 of the side, halved; with the quotient, exp and the differences 16.
 * 32 roundings of 240 are more than both.
 */
const bound = 32 * 2 ** -53 * 240;

test('decoding undoes encoding, as long as no side grows beyond its limit', () => {
  fc.assert(
    fc.property(fc.nat(20), weights, seeds(), (count, by, seed) => {
      const boxes = anyBoxes(count, seed);
      // a side grows at most 1000 / 16 times
      const targets = anyBoxes(count, seed + 1).map((value, i) =>
        i % 4 < 2
          ? value
          : Math.min(value, (anyBoxes(count, seed + 1)[i - 2] as number) + 60 * ((boxes[i] as number) - (boxes[i - 2] as number))),
      );
      const found = decodeBoxes(encodeBoxes(targets, boxes, by), boxes, by);
      for (const [i, value] of targets.entries()) expect(Math.abs((found[i] as number) - value)).toBeLessThanOrEqual(bound);
    }),
  );
});

test('boxes encoded as themselves are zeros, and zeros change nothing', () => {
  const boxes = Float64Array.of(1, 2, 5, 10, -3, 0, 13, 2);
  expect(encodeBoxes(boxes, boxes, detectionWeights)).toEqual(new Float64Array(8));
  expect(decodeBoxes(new Float32Array(8), boxes, detectionWeights)).toEqual(boxes);
});

test('deltas are divided by their weights, and sides have no + 1', () => {
  const box = Float64Array.of(10, 20, 14, 28); // 4 wide, 8 high, round (12, 24)
  const deltas = Float64Array.of(1, -2, 3 * Math.log(2), 4 * Math.log(0.5));
  const [x1, y1, x2, y2] = decodeBoxes(deltas, box, [2, 4, 3, 4]);
  // the centre moves by ½ · 4 and −½ · 8; 8 wide, 4 high. exp(log 2) is 2 but for a unit
  for (const [found, expected] of [
    [x1, 10],
    [y1, 18],
    [x2, 18],
    [y2, 22],
  ])
    expect(Math.abs((found as number) - (expected as number))).toBeLessThanOrEqual(2 ** -50);
});

test('a side grows at most 1000 / 16 times, and shrinks without limit', () => {
  const box = Float64Array.of(0, 0, 16, 16);
  const [x1, , x2] = decodeBoxes(Float64Array.of(0, 0, 1e30, 0), box, proposalWeights);
  expect(Math.abs((x2 as number) - (x1 as number) - 1000)).toBeLessThanOrEqual(1000 * 2 ** -50);
  // the limit is of the weighted delta: log(62.5) · 5 is 20.7
  const wide = (dw: number): readonly number[] => [...decodeBoxes(Float64Array.of(0, 0, dw, 0), box, detectionWeights)];
  expect(wide(20.7)).toEqual(wide(1e30));
  expect(wide(20.6)).not.toEqual(wide(20.7));
  expect([...decodeBoxes(Float64Array.of(0, 0, -1e30, -1e30), box, proposalWeights)]).toEqual([8, 8, 8, 8]);
});

test('several classes have a box each of the same box', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5 }), fc.integer({ min: 1, max: 4 }), seeds(), (count, classes, seed) => {
      const boxes = anyBoxes(count, seed);
      const deltas = seeded([count, classes * 4], seed + 1).data;
      const found = rowsOf(decodeBoxes(deltas, boxes, detectionWeights));
      const each = rowsOf(boxes).flatMap((box, i) =>
        Array.from({ length: classes }, (_, c) => {
          const at = 4 * (i * classes + c);
          return [...decodeBoxes(deltas.slice(at, at + 4), Float64Array.from(box), detectionWeights)];
        }),
      );
      expect(found).toEqual(each);
    }),
  );
});

test('NaN stays, nothing gives nothing, and lengths that do not fit are refused', () => {
  expect(decodeBoxes(Float64Array.of(Number.NaN, 0, 0, 0), Float64Array.of(0, 0, 2, 2), proposalWeights)[0]).toBeNaN();
  expect(decodeBoxes(new Float64Array(0), new Float64Array(0), proposalWeights)).toHaveLength(0);
  expect(encodeBoxes(new Float64Array(0), new Float64Array(0), proposalWeights)).toHaveLength(0);
  for (const [deltas, boxes] of [
    [4, 0],
    [6, 4],
    [4, 8],
    [4, 5],
  ] as const)
    expect(() => decodeBoxes(new Float64Array(deltas), new Float64Array(boxes), proposalWeights), `${deltas}, ${boxes}`).toThrow(
      ShapeError,
    );
  expect(() => encodeBoxes(new Float64Array(4), new Float64Array(8), proposalWeights)).toThrow(ShapeError);
  for (const wrong of [
    [1, 1, 1],
    [1, 1, 0, 1],
    [1, 1, 1, Number.NaN],
  ])
    expect(() => decodeBoxes(new Float64Array(4), new Float64Array(4), wrong as never)).toThrow(InputError);
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pyramidLevels, pyramidScales } from '../../src/detect/levels.js';
import { InputError, ShapeError } from '../../src/errors.js';

const scales = [1 / 4, 1 / 8, 1 / 16, 1 / 32];
const square = (side: number): Float64Array => Float64Array.of(3, 5, 3 + side, 5 + side);

describe('levels', () => {
  test('a square goes up one level where its side doubles to 112, 224 and 448, those sides included', () => {
    const expected = (side: number): number => (side < 112 ? 0 : side < 224 ? 1 : side < 448 ? 2 : 3);
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4000 }), (eighths) => {
        const side = eighths / 4;
        expect([...pyramidLevels(square(side), scales)], String(side)).toEqual([expected(side)]);
      }),
    );
    for (const side of [111.75, 112, 223.75, 224, 447.75, 448]) expect([...pyramidLevels(square(side), scales)]).toEqual([expected(side)]);
  });

  test('a side within a millionth of a level of the next one is on it', () => {
    // log2(1 − x) is −1.44 x: −3.4 · 10⁻⁷ and −2.75 · 10⁻⁶
    const levels = [2 ** -22, 2 ** -19].map((x) => [...pyramidLevels(square(112 * (1 - x)), scales)]);
    expect(levels).toEqual([[1], [0]]);
  });

  test('area counts, not shape', () => {
    expect([...pyramidLevels(Float64Array.of(0, 0, 56, 224, 0, 0, 112, 112, 0, 0, 56, 223), scales)]).toEqual([1, 1, 0]);
  });

  test('a box of no area goes to the finest, one level takes all, and two of one scale are one', () => {
    expect([...pyramidLevels(new Float64Array(4), scales)]).toEqual([0]);
    expect([...pyramidLevels(Float64Array.of(0, 0, 1000, 1000, 0, 0, 1, 1), [1 / 16])]).toEqual([0, 0]);
    expect([...pyramidLevels(Float64Array.of(0, 0, 1000, 1000, 0, 0, 1, 1), [1 / 32, 1 / 32])]).toEqual([0, 0]);
    expect(pyramidLevels(new Float64Array(0), scales)).toHaveLength(0);
  });

  test('what has no area, and scales that leave a level out, are refused', () => {
    for (const corner of [Number.NaN, Number.NEGATIVE_INFINITY, -1])
      expect(() => pyramidLevels(Float64Array.of(0, 0, corner, 1), scales), String(corner)).toThrow(InputError);
    expect(() => pyramidLevels(new Float64Array(5), scales)).toThrow(ShapeError);
    expect(() => pyramidLevels(new Float64Array(4), [])).toThrow(InputError);
    expect(() => pyramidLevels(new Float64Array(4), [1 / 4, 1 / 16])).toThrow(InputError);
    expect(() => pyramidLevels(new Float64Array(4), [1 / 8, 1 / 4])).toThrow(InputError);
  });
});

describe('scales', () => {
  test('are powers of two, by the height before padding', () => {
    expect(
      pyramidScales(
        [
          [40, 56],
          [20, 28],
          [10, 14],
          [5, 7],
        ],
        [160, 213],
      ),
    ).toEqual(scales);
    expect(pyramidScales([[200, 1]], [799, 1199])).toEqual([1 / 4]);
    // 64 rows of which 33 are the image: the map of 16 seems to be half as high
    expect(
      pyramidScales(
        [
          [16, 16],
          [8, 8],
        ],
        [33, 64],
      ),
    ).toEqual([1 / 2, 1 / 4]);
  });

  test('extents are whole and positive', () => {
    expect(() => pyramidScales([[0, 5]], [160, 213])).toThrow(InputError);
    expect(() => pyramidScales([[5, 5]], [160, Number.NaN])).toThrow(InputError);
  });
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { pyramidLevels } from '../../src/detect/levels.js';
import type { Proposals } from '../../src/detect/proposals.js';
import { largestOf, regionsOf } from '../../src/detector/stages.js';
import { tensor } from '../../src/tensor.js';
import { extents } from '../support/arbitraries.js';

const like = tensor([0], new Float64Array(0));

const proposalsOf = (boxes: readonly (readonly number[])[]): Proposals => ({
  boxes: Float64Array.from(boxes.flat()),
  scores: new Float64Array(boxes.length),
  levels: new Int32Array(boxes.length),
  dropped: 0,
});

test('regions are rows of map, image and box, one image after another; the rest is no region', () => {
  const proposals = [
    proposalsOf([
      [0, 0, 16, 16],
      [0, 0, 500, 600],
    ]),
    proposalsOf([[8, 4, 300, 250]]),
  ];
  const maps = [
    [200, 200],
    [100, 100],
    [50, 50],
    [25, 25],
  ] as const;
  const { shape, data } = regionsOf(proposals, maps, [800, 800], 5, like);
  expect(shape).toEqual([5, 6]);
  const rows = Array.from({ length: 5 }, (_, i) => [...data.subarray(6 * i, 6 * i + 6)]);
  expect(rows).toEqual([
    [0, 0, 0, 0, 16, 16],
    [3, 0, 0, 0, 500, 600],
    [2, 1, 8, 4, 300, 250],
    [-1, 0, 0, 0, 0, 0],
    [-1, 0, 0, 0, 0, 0],
  ]);
});

test('where all maps have one stride, every region is of the first', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(300), fc.nat(300), fc.nat(300)), { maxLength: 20 }), (rows) => {
      const boxes = rows.map(([x, y, w, h]) => [x, y, x + w, y + h]);
      expect([...pyramidLevels(Float64Array.from(boxes.flat()), [1 / 32, 1 / 32])]).toEqual(boxes.map(() => 0));
    }),
  );
});

test('the largest height and the largest width may be of two images', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(extents(9), extents(9)), { minLength: 1, maxLength: 4 }), (sizes) => {
      const [height, width] = largestOf(sizes);
      expect(sizes.some(([h]) => h === height) && sizes.some(([, w]) => w === width)).toBe(true);
      expect(sizes.every(([h, w]) => h <= height && w <= width)).toBe(true);
    }),
  );
});

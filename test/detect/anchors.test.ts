import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anchorCells, anchorStride, inAnchorOrder, pyramidAnchors } from '../../src/detect/anchors.js';
import { InputError, ShapeError } from '../../src/errors.js';
import { at4, halfToEven } from '../../src/tensor.js';
import { pairs, seeded, seeds } from '../support/arbitraries.js';
import { rowsOf } from './drawn.js';

test('halves go to the even number', () => {
  expect([-2.5, -1.5, -0.5, 0.5, 1.5, 2.5, 2.4, 2.6, -2.6, 7].map(halfToEven)).toEqual([-2, -2, 0, 0, 2, 2, 2, 3, -3, 7]);
});

test('cells: the ratio is height / width, sizes of the first ratio come first, halves go to even', () => {
  expect(rowsOf(anchorCells([32, 33], [1, 4]))).toEqual([
    [-16, -16, 16, 16],
    [-16, -16, 16, 16], // 16.5
    [-8, -32, 8, 32],
    [-8, -33, 8, 33], // 8.25
  ]);
  expect(rowsOf(anchorCells([35], [1]))).toEqual([[-18, -18, 18, 18]]); // 17.5
  // in float64 the width is 57, whose half goes to 28; in float32 it is a little more
  expect(rowsOf(anchorCells([95], [25 / 9]))).toEqual([[-29, -79, 29, 79]]);
  for (const sizes of [[0], [-1], [Number.NaN], [Number.POSITIVE_INFINITY]]) expect(() => anchorCells(sizes, [1])).toThrow(InputError);
  expect(() => anchorCells([32], [0])).toThrow(InputError);
});

test('anchors are in the order level, row, column, cell', () => {
  const levels = fc.array(fc.record({ map: pairs(4), sizes: fc.array(fc.integer({ min: 1, max: 600 }), { minLength: 1, maxLength: 3 }) }), {
    maxLength: 3,
  });
  fc.assert(
    fc.property(
      levels,
      fc.array(fc.constantFrom(0.5, 1, 2), { minLength: 1, maxLength: 3 }),
      pairs(60),
      (given, ratios, [height, width]) => {
        const image = [height + 4, width + 4] as const;
        const maps = given.map(({ map }) => map);
        const found = pyramidAnchors(image, maps, { sizes: given.map(({ sizes }) => sizes), ratios });
        const expected: number[][] = [];
        for (const { map, sizes } of given)
          for (let y = 0; y < map[0]; y++)
            for (let x = 0; x < map[1]; x++)
              for (const [x1, y1, x2, y2] of rowsOf(anchorCells(sizes, ratios))) {
                const [down, across] = [y * Math.floor(image[0] / map[0]), x * Math.floor(image[1] / map[1])];
                expected.push([x1 + across, y1 + down, x2 + across, y2 + down]);
              }
        expect(rowsOf(found.boxes)).toEqual(expected);
        expect(found.counts).toEqual(given.map(({ map, sizes }) => map[0] * map[1] * sizes.length * ratios.length));
      },
    ),
  );
});

describe('strides', () => {
  test('are whole, and an axis each', () => {
    expect(anchorStride([160, 224], [3, 4])).toEqual([53, 56]);
  });

  test('a map is no larger than its image', () => {
    expect(() => anchorStride([4, 4], [4, 5])).toThrow(ShapeError);
    expect(() => anchorStride([4, 4], [0, 4])).toThrow(InputError);
    expect(() => pyramidAnchors([4, 4], [[2, 2]], { sizes: [], ratios: [1] })).toThrow('sizes for 0 levels, but 1 maps');
  });
});

test('what a head says comes in the order of the anchors', () => {
  const shapes = fc.array(pairs(3), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(shapes, fc.integer({ min: 1, max: 3 }), fc.constantFrom(1, 4), fc.nat(1), seeds(), (planes, cells, fields, image, seed) => {
      const maps = planes.map((plane, level) => seeded([2, cells * fields, ...plane], seed + level));
      const expected: number[] = [];
      for (const map of maps)
        for (let y = 0; y < (map.shape[2] as number); y++)
          for (let x = 0; x < (map.shape[3] as number); x++)
            for (let cell = 0; cell < cells; cell++)
              for (let field = 0; field < fields; field++) expected.push(at4(map, image, cell * fields + field, y, x));
      expect([...inAnchorOrder(maps, image, fields)]).toEqual(expected);
    }),
  );
  const map = seeded([1, 6, 2, 2], 1);
  expect(inAnchorOrder([map], 0, 1)).toBeInstanceOf(Float32Array);
  expect(inAnchorOrder([{ shape: map.shape, data: Float64Array.from(map.data) }], 0, 1)).toBeInstanceOf(Float64Array);
  for (const [image, fields] of [
    [1, 1],
    [-1, 1],
    [Number.NaN, 1],
    [0, 4],
  ] as const)
    expect(() => inAnchorOrder([map], image, fields)).toThrow(ShapeError);
  expect(() => inAnchorOrder([seeded([1, 6], 1)], 0, 1)).toThrow(ShapeError);
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError, ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import type { Pair, RoiAlignAttrs } from '../../src/ops/op.js';
import { roiAlign } from '../../src/ops/roiAlign.js';
import { type Shape, type Tensor, tensor } from '../../src/tensor.js';
import { seeded, seeds } from '../support/arbitraries.js';

/** 4·h + w: what lies between cells is known without a formula for it. */
const ramp = tensor([1, 1, 4, 4], [...Array(16).keys()]);

/** A plane of one value. */
const flat = (value: number): Tensor => tensor([1, 1, 2, 2], Array(4).fill(value));

const plain = { output: [1, 1], scales: [1], samplingRatio: 1, aligned: false } as const;
const align = (row: readonly number[], attrs: Partial<RoiAlignAttrs> = {}, maps: readonly Tensor[] = [ramp]): readonly number[] => [
  ...forwards.roiAlign([...maps, tensor([1, 6], row)], { ...plain, ...attrs }).data,
];

// biome-ignore format: one region a line
const byHand: readonly (readonly [string, readonly number[], Partial<RoiAlignAttrs>, readonly number[]])[] = [
  ['the mean of four samples', [0, 0, 0, 0, 2, 2], { samplingRatio: 2 }, [5]],
  ['half a cell further up and left', [0, 0, 0, 0, 2, 2], { samplingRatio: 2, aligned: true }, [2.5]],
  ['bins, row by row', [0, 0, 0, 0, 2, 3], { output: [3, 2] }, [2.5, 3.5, 6.5, 7.5, 10.5, 11.5]],
  ['a scale from pixels to cells', [0, 0, 0, 0, 8, 12], { output: [3, 2], scales: [0.25] }, [2.5, 3.5, 6.5, 7.5, 10.5, 11.5]],
  ['outside by more than a cell is 0; a cell outside is the edge', [0, 0, -4, 0, 0, 4], { output: [1, 2] }, [0, 8]],
  ['the last cell reaches a cell further', [0, 0, 3, 0, 5, 4], {}, [11]],
  ['and not more', [0, 0, 3.5, 0, 5.5, 4], {}, [0]],
  ['what is outside counts among the samples', [0, 0, 2, 0, 6, 4], { samplingRatio: 2 }, [(4 + 3 + 12 + 3) / 4]],
  ['a point is a cell', [0, 0, 1, 1, 1, 1], {}, [7.5]],
  ['unless it is aligned', [0, 0, 1, 1, 1, 1], { aligned: true }, [2.5]],
  ['as many samples as cells, rounded up', [0, 0, 0, 0, 2.5, 2.5], { samplingRatio: 0 }, [6.25]],
  ['none where the corners are the wrong way round', [0, 0, 3, 3, 1, 1], { samplingRatio: 0, aligned: true }, [0]],
  ['a pad, whatever else is in its row', [-1, 9, NaN, 0, 1, Infinity], {}, [0]],
];
test.each(byHand)('by hand: %s', (_, row, attrs, expected) => {
  const actual = align(row, attrs);
  expect(actual).toHaveLength(expected.length);
  actual.forEach((value, i) => {
    expect(value).toBeCloseTo(expected[i] as number, 6);
  });
});

test('each region is of its own map, with that map’s scale', () => {
  const maps = [flat(1), flat(2), flat(3)];
  const rois = tensor([4, 6], [2, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1, 1, -1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 40, 40]);
  const y = forwards.roiAlign([...maps, rois], { ...plain, scales: [1, 1 / 40, 1] });
  expect([...y.data]).toEqual([3, 1, 0, 2]);
});

test('a corner of weight 0 is a term: an infinity there makes NaN', () => {
  const x = tensor([1, 1, 1, 3], [1, 2, Infinity]);
  expect(align([0, 0, 0.5, 0, 1.5, 1], {}, [x])).toEqual([NaN]); // at 1 exactly
  expect(align([0, 0, 0, 0, 1, 1], {}, [x])).toEqual([1.5]);
});

test('regions do not depend on one another', () => {
  fc.assert(
    fc.property(seeds(), fc.boolean(), fc.nat(2), (seed, aligned, samplingRatio) => {
      const x = seeded([2, 3, 5, 7], seed);
      const corners = seeded([8, 4], seed + 1).data;
      const rows = Array.from({ length: 8 }, (_, r) => [0, r % 2, ...[...corners.subarray(r * 4, r * 4 + 4)].map((at) => at * 9)]);
      const attrs = { output: [2, 3] as Pair, scales: [0.5], samplingRatio, aligned };
      const all = forwards.roiAlign([x, tensor([8, 6], rows.flat())], attrs);
      rows.forEach((row, r) => {
        const { data } = forwards.roiAlign([x, tensor([1, 6], row)], attrs);
        expect(all.data.subarray(r * 18, r * 18 + 18)).toEqual(data);
      });
    }),
  );
});

// biome-ignore format: one row a case
const unfit: readonly (readonly [readonly Shape[], Partial<RoiAlignAttrs>])[] = [
  [[], {}],
  [[[1, 6]], { scales: [] }],
  [[[1, 2, 3, 4], [1, 5]], {}],
  [[[1, 2, 3], [1, 6]], {}],
  [[[1, 2, 3, 4], [1, 3, 3, 4], [1, 6]], { scales: [1, 1] }],
  [[[1, 2, 3, 4], [2, 2, 3, 4], [1, 6]], { scales: [1, 1] }],
  [[[1, 2, 3, 4], [1, 6]], { scales: [1, 1] }],
  [[[1, 2, 3, 4], [1, 6]], { output: [0, 1] }],
];
test.each(unfit)('%o with %o is a ShapeError', (shapes, attrs) => {
  expect(() => roiAlign.infer(shapes, { ...plain, ...attrs })).toThrow(ShapeError);
});

// biome-ignore format: one row a case
const unmeant: readonly (readonly [readonly number[], string])[] = [
  [[1, 0, 0, 0, 1, 1], 'region 0 is of map 1; there are 0 to 0, and −1 of a pad'],
  [[-2, 0, 0, 0, 1, 1], 'is of map -2'],
  [[0.5, 0, 0, 0, 1, 1], 'is of map 0.5'],
  [[NaN, 0, 0, 0, 1, 1], 'is of map NaN'],
  [[0, 1, 0, 0, 1, 1], 'is of image 1; there are 0 to 0'],
  [[0, -1, 0, 0, 1, 1], 'is of image -1'],
  [[0, 0.5, 0, 0, 1, 1], 'is of image 0.5'],
  [[0, 0, NaN, 0, 1, 1], 'has corners [NaN, 0, 1, 1]'],
  [[0, 0, 0, 0, Infinity, 1], 'has corners [0, 0, Infinity, 1]'],
  [[0, 0, 0, 0, 1, 2 ** 21], 'at most 1048576 cells of the map away'],
];
test.each(unmeant)('%o is an InputError', (row, message) => {
  expect(() => align(row)).toThrow(InputError);
  expect(() => align(row)).toThrow(message);
});

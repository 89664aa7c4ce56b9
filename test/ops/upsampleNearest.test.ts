import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { nearestCell, upsampleNearest } from '../../src/ops/upsampleNearest.js';
import { tensor } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';

test('by hand: 3 cells to 5 and to 2, 2 to 4', () => {
  const x = tensor([1, 1, 2, 3], [1, 2, 3, 4, 5, 6]);
  expect([...forwards.upsampleNearest([x], { output: [4, 5] }).data]).toEqual([
    ...[1, 1, 2, 2, 3],
    ...[1, 1, 2, 2, 3],
    ...[4, 4, 5, 5, 6],
    ...[4, 4, 5, 5, 6],
  ]);
  expect([...forwards.upsampleNearest([x], { output: [1, 2] }).data]).toEqual([1, 2]);
});

test('to twice its extents each cell is there four times, and of its own extents it is itself', () => {
  fc.assert(
    fc.property(extents(2), extents(3), extents(5), extents(5), seeds(), (N, C, H, W, seed) => {
      const x = seeded([N, C, H, W], seed);
      expect(forwards.upsampleNearest([x], { output: [H, W] })).toEqual(x);
      const { data } = forwards.upsampleNearest([x], { output: [2 * H, 2 * W] });
      data.forEach((value, at) => {
        const [plane, h, w] = [Math.floor(at / (4 * H * W)), Math.floor(at / (2 * W)) % (2 * H), at % (2 * W)];
        expect(value).toBe(x.data[(plane * H + Math.floor(h / 2)) * W + Math.floor(w / 2)]);
      });
    }),
  );
});

test('where a rounded scale would lead to a neighbour, the cell is the right one', () => {
  expect(Array.from({ length: 32 }, (_, i) => nearestCell(i, 32, 224))).toEqual(Array.from({ length: 32 }, (_, i) => i * 7));
});

test('other shapes are ShapeErrors', () => {
  expect(() => upsampleNearest.infer([], { output: [1, 1] })).toThrow(ShapeError);
  expect(() => upsampleNearest.infer([[2, 3]], { output: [1, 1] })).toThrow(ShapeError);
  expect(() => upsampleNearest.infer([[1, 2, 3, 4]], { output: [0, 1] })).toThrow(ShapeError);
});

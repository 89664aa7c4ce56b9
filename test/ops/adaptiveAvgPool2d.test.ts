import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { adaptiveAvgPool2d, adaptiveRange } from '../../src/ops/adaptiveAvgPool2d.js';
import { forwards } from '../../src/ops/forwards.js';
import { type Shape, tensor } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';

test('by hand, and as PyTorch has it: 4×5 to 3×2, windows that overlap', () => {
  const x = tensor([1, 1, 4, 5], [...Array(20).keys()]);
  expect([...forwards.adaptiveAvgPool2d([x], { output: [3, 2] }).data]).toEqual([3.5, 5.5, 8.5, 10.5, 13.5, 15.5]);
});

test('to its own extents is itself; to 1×1 the mean; to a divisor of them the pool whose windows lie side by side', () => {
  fc.assert(
    fc.property(extents(2), extents(3), extents(4), extents(4), extents(3), extents(3), seeds(), (N, C, I, J, P, Q, seed) => {
      const x = seeded([N, C, I * P, J * Q], seed);
      const attrs = { kernel: [P, Q], stride: [P, Q], padding: [0, 0, 0, 0], rounding: 'floor', divisor: 'window' } as const;
      expect(forwards.adaptiveAvgPool2d([x], { output: [I, J] })).toEqual(forwards.avgPool2d([x], attrs));
      expect(forwards.adaptiveAvgPool2d([x], { output: [I * P, J * Q] })).toEqual(x);
    }),
  );
});

test('windows cover every cell, and none is empty, also where there are more of them than cells', () => {
  fc.assert(
    fc.property(extents(20), extents(20), (count, extent) => {
      let covered = 0;
      for (let i = 0; i < count; i++) {
        const [from, to] = adaptiveRange(i, count, extent);
        expect(from).toBeLessThanOrEqual(covered);
        expect(to).toBeGreaterThan(from);
        covered = to;
      }
      expect(covered).toBe(extent);
    }),
  );
});

// biome-ignore format: one row a case
const unfit: readonly (readonly [readonly Shape[], readonly [number, number]])[] = [
  [[], [1, 1]],
  [[[2, 3]], [1, 1]],
  [[[1, 3, 4, 4]], [0, 1]],
  [[[1, 3, 4, 4]], [1, 1.5]],
];
test.each(unfit)('%o to %o is a ShapeError', (shapes, output) => {
  expect(() => adaptiveAvgPool2d.infer(shapes, { output })).toThrow(ShapeError);
});

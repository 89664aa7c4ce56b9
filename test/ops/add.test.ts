import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { add } from '../../src/ops/add.js';
import { forwards } from '../../src/ops/forwards.js';
import { tensor, widen } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';

test('by hand, with NaN in its own cell', () => {
  const [a, b] = [tensor([1, 3], [1, -2, NaN]), tensor([1, 3], [10, 2, 1])];
  expect(forwards.add([a, b], {})).toEqual(tensor([1, 3], [11, 0, NaN]));
});

test('commutes, and rounds once: to float32, or float64', () => {
  fc.assert(
    fc.property(fc.array(extents(3), { maxLength: 4 }), seeds(), (shape, seed) => {
      const [a, b] = [seeded(shape, seed), seeded(shape, seed + 1)];
      const exact = forwards.add([widen(a), widen(b)], {}); // 24-bit numbers near each other: no rounding in float64
      expect(exact.data).toBeInstanceOf(Float64Array);
      expect(forwards.add([a, b], {})).toEqual({ shape, data: Float32Array.from(exact.data) });
      expect(forwards.add([b, a], {})).toEqual(forwards.add([a, b], {}));
    }),
  );
});

test('takes two operands of one shape', () => {
  // biome-ignore format: one case a line
  for (const shapes of [[[1, 2]], [[1, 2], [2, 1]], [[1, 2], [1, 2, 1]], [[1], [1], [1]]])
    expect(() => add.infer(shapes, {})).toThrow(ShapeError);
});

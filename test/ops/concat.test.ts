import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { concat } from '../../src/ops/concat.js';
import { forwards } from '../../src/ops/forwards.js';
import { at4, tensor, widen } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';
import { fill } from '../support/planes.js';

test('by hand: channels of each image after one another, in order', () => {
  const [a, b] = [tensor([2, 1, 1, 2], [1, 2, 3, 4]), tensor([2, 2, 1, 2], [5, 6, 7, 8, 9, 10, 11, NaN])];
  expect(forwards.concat([a, b], {})).toEqual(tensor([2, 3, 1, 2], [1, 2, 5, 6, 7, 8, 3, 4, 9, 10, 11, NaN]));
  expect(forwards.concat([tensor([2, 1], [1, 2]), tensor([2, 1], [3, 4])], {})).toEqual(tensor([2, 2], [1, 3, 2, 4]));
});

test('slices of the result are the operands', () => {
  fc.assert(
    fc.property(extents(2), fc.array(extents(3), { minLength: 1, maxLength: 4 }), extents(3), extents(3), seeds(), (N, Cs, H, W, seed) => {
      const parts = Cs.map((C, i) => seeded([N, C, H, W], seed + i));
      const y = forwards.concat(parts, {});
      let from = 0;
      for (const part of parts) {
        const start = from;
        expect(fill(part, part.shape, (n, c, h, w) => at4(y, n, start + c, h, w))).toEqual(part);
        from += part.shape[1] as number;
      }
      expect(y.shape).toEqual([N, from, H, W]);
    }),
  );
});

test('one operand is itself, and float64 stays float64', () => {
  const x = widen(seeded([2, 2, 1, 1], 1));
  expect(forwards.concat([x], {})).toEqual(x);
});

test('extents but the channels must agree', () => {
  // biome-ignore format: one case a line
  for (const shapes of [[], [[3]], [[1, 2, 3, 3], [2, 2, 3, 3]], [[1, 2, 3, 3], [1, 2, 3, 4]], [[1, 2, 3, 3], [1, 2]]])
    expect(() => concat.infer(shapes, {})).toThrow(ShapeError);
});

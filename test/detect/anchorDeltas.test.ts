import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anchorDeltas } from '../../src/detect/anchorDeltas.js';
import { inAnchorOrder } from '../../src/detect/anchors.js';
import { ShapeError } from '../../src/errors.js';
import { tensor } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';

const drawn = fc.tuple(fc.array(fc.tuple(extents(4), extents(5), extents(5)), { minLength: 1, maxLength: 3 }), extents(3), seeds());

test('an anchor’s four are those of its row, in the order of the anchors', () => {
  fc.assert(
    fc.property(drawn, ([levels, images, seed]) => {
      const maps = levels.map(([cells, H, W], i) => seeded([images, 4 * cells, H, W], seed + i));
      for (let image = 0; image < images; image++) {
        const rows = inAnchorOrder(maps, image, 4);
        const deltas = anchorDeltas(maps, image);
        const into = new Float64Array(4);
        const read = Array.from({ length: deltas.count }, (_, anchor) => {
          deltas.read(anchor, into);
          return [...into];
        });
        expect(read.flat()).toEqual([...rows]);
        const largest = Math.max(...Array.from(rows, Math.abs));
        expect([deltas.below(largest), deltas.below(2 * largest)]).toEqual([false, largest > 0]);
      }
    }),
  );
});

test('no infinity and no NaN is below anything; another image’s do not count', () => {
  for (const odd of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
    const map = tensor([2, 4, 1, 1], [0, 0, 0, 0, 0, 0, odd, 0]);
    expect([0, 1].map((image) => anchorDeltas([map], image).below(Number.MAX_VALUE))).toEqual([true, false]);
  }
});

test('maps without the image, or whose channels are no fours, are refused', () => {
  const map = seeded([1, 6, 2, 2], 1);
  expect(() => anchorDeltas([map], 0)).toThrow(ShapeError);
  expect(() => anchorDeltas([seeded([1, 8, 2, 2], 1)], 1)).toThrow(ShapeError);
});

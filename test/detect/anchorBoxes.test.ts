import fc from 'fast-check';
import { expect, test } from 'vitest';
import { anchorBoxes } from '../../src/detect/anchorBoxes.js';
import { type AnchorDeltas, anchorDeltas } from '../../src/detect/anchorDeltas.js';
import { decodeBoxes, proposalWeights } from '../../src/detect/boxCoder.js';
import { finiteBoxes, takeBoxes } from '../../src/detect/boxes.js';
import { ShapeError } from '../../src/errors.js';
import { seeded, seeds } from '../support/arbitraries.js';
import { anyBoxes } from './drawn.js';

/** Rows of four as a map of one line, with one anchor at each place. */
function inOneMap(rows: Float32Array | Float64Array): AnchorDeltas {
  const places = rows.length / 4;
  return anchorDeltas(
    [{ shape: [1, 4, 1, places], data: rows.map((_, i) => rows[4 * (i % places) + Math.floor(i / places)] as number) }],
    0,
  );
}

/** Among them what decodes to no finite box, and what does although it is not finite itself. */
const odd = [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1e29, -1e31, 1e300, Number.MAX_VALUE];

test('boxes decoded when they are asked for are those of all decoded at once, and the same are finite', () => {
  fc.assert(
    fc.property(fc.nat(30), fc.integer({ min: 1, max: 9 }), fc.boolean(), seeds(), (count, every, single, seed) => {
      const drawn = (size: number, from: number) =>
        Float64Array.from(seeded([size], from).data, (value, i) =>
          i % every === 0 ? (odd[(i + seed) % odd.length] as number) : 3 * value,
        );
      const [deltas, logits] = [drawn(4 * count, seed), drawn(count, seed + 1)].map((values) =>
        single ? Float32Array.from(values) : values,
      );
      const anchors = anyBoxes(count, seed + 2);
      const all = decodeBoxes(deltas as Float64Array, anchors, proposalWeights);
      const { finite, take } = anchorBoxes(inOneMap(deltas as Float64Array), logits as Float64Array, anchors);
      expect(finite).toEqual(finiteBoxes(all, logits as Float64Array));
      const some = finite.filter((_, i) => i % 2 === 0).reverse();
      expect(take(some)).toEqual(takeBoxes(all, some));
    }),
  );
});

test('what does not fit together is refused', () => {
  const [deltas, logits, anchors] = [inOneMap(new Float64Array(8)), new Float64Array(2), new Float64Array(8)];
  expect(() => anchorBoxes(deltas, new Float64Array(3), anchors)).toThrow(ShapeError);
  expect(() => anchorBoxes(inOneMap(new Float64Array(12)), logits, anchors)).toThrow(
    'proposals: four deltas per box: boxes [2, 4], deltas [3, 4]',
  );
  expect(() => anchorBoxes(deltas, logits, new Float64Array(6))).toThrow(ShapeError);
});

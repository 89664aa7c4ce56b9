import fc from 'fast-check';
import { expect, test } from 'vitest';
import { blockRows, blocksOf } from '../../src/plan/plan.js';
import { cut } from '../../src/wasm/calls.js';

const cases = fc
  .record({
    images: fc.integer({ min: 1, max: 4 }),
    rows: fc.integer({ min: 1, max: 400 }),
    count: fc.integer({ min: 1, max: 40 }),
    parts: fc.integer({ min: 1, max: 9 }),
  })
  .map((drawn) => ({ ...drawn, extent: drawn.images * blocksOf(drawn.rows) * drawn.count }));

test('slices cover every iteration once, in order', () => {
  fc.assert(
    fc.property(cases, fc.boolean(), ({ rows, count, extent, parts }, uneven) => {
      const call = { extent, blocks: uneven ? { rows, count } : undefined };
      const cuts = Array.from({ length: parts + 1 }, (_, part) => cut(call, part, parts));
      expect([cuts[0], cuts.at(-1)]).toEqual([0, extent]);
      expect(cuts).toEqual([...cuts].sort((a, b) => a - b));
    }),
  );
});

test('no slice is more work than its share and one block of a panel', () => {
  fc.assert(
    fc.property(cases, ({ rows, count, extent, parts }) => {
      const rowsOf = (unit: number): number => Math.min(rows - (Math.floor(unit / count) % blocksOf(rows)) * blockRows, blockRows);
      const work = Array.from({ length: extent }, (_, unit) => rowsOf(unit));
      const total = work.reduce((sum, unit) => sum + unit, 0);
      const blocks = { rows, count };
      for (let part = 0; part < parts; part++) {
        const slice = work.slice(cut({ extent, blocks }, part, parts), cut({ extent, blocks }, part + 1, parts));
        expect(slice.reduce((sum, unit) => sum + unit, 0)).toBeLessThanOrEqual(total / parts + blockRows);
      }
    }),
  );
});

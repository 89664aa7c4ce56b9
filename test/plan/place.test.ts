import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createModel, listModels } from '../../src/models/index.js';
import { lower } from '../../src/plan/lower.js';
import { liveBytes, place } from '../../src/plan/place.js';
import type { Plan } from '../../src/plan/plan.js';

const target = { tile: { rows: 6, columns: 8 }, threads: 1, algorithms: 'direct' } as const;

/** Pairs of buffers alive in one step that share bytes, although neither takes the other's over. */
function clashes({ buffers }: Plan): readonly string[] {
  const overlap = (a: number, sizeA: number, b: number, sizeB: number) => a < b + sizeB && b < a + sizeA;
  return buffers.flatMap((a, i) =>
    buffers.slice(0, i).flatMap((b, j) => {
      const together = a.firstStep <= b.lastStep && b.firstStep <= a.lastStep;
      const handedOver = a.takes === j && a.firstStep === b.lastStep;
      return together && !handedOver && overlap(a.offset, a.bytes, b.offset, b.bytes) ? [`${j} and ${i}`] : [];
    }),
  );
}

test('buffers alive together never overlap, whatever the network', () => {
  for (const { id } of listModels()) {
    const plan = place(lower(createModel(id, { size: 96, batch: 2, gates: true }), target));
    expect(clashes(plan), id).toEqual([]);
    expect(plan.buffers.every(({ offset }) => offset % 64 === 0)).toBe(true);
    expect(Math.max(...plan.buffers.map(({ offset, bytes }) => offset + bytes))).toBeLessThanOrEqual(plan.arenaBytes);
  }
});

test('buffers alive together never overlap, whatever their sizes and lives', () => {
  const buffer = fc.record({ bytes: fc.integer({ min: 1, max: 2000 }), firstStep: fc.nat(20), life: fc.nat(8), takes: fc.boolean() });
  fc.assert(
    fc.property(fc.array(buffer, { minLength: 1, maxLength: 40 }), (drawn) => {
      const inOrder = [...drawn].sort((a, b) => a.firstStep - b.firstStep);
      const buffers = inOrder.map(({ bytes, firstStep, life, takes }, i) => ({
        bytes: takes ? 1000 : bytes,
        firstStep,
        lastStep: firstStep + life,
        mayTake: takes ? Array.from({ length: i }, (_, j) => j) : [],
      }));
      const steps = Array.from({ length: 30 }, () => ({ kernel: 'mean', covers: [], args: {}, extent: 0, macs: 0 }) as const);
      const plan = place({ target, steps, buffers, weights: new Map(), inputs: [], outputs: [] });
      expect(clashes(plan)).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

test('the arena of every network is at most a quarter above the least possible', () => {
  for (const { id } of listModels()) {
    const plan = place(lower(createModel(id), target));
    expect(plan.arenaBytes, id).toBeLessThanOrEqual(1.25 * liveBytes(plan));
  }
});

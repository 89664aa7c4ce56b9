import fc from 'fast-check';
import { test } from 'vitest';
import { build } from '../../src/graph/build.js';
import { extents, type PoolCase, poolCase, seeded } from '../support/arbitraries.js';
import { builds, expectAllWithin } from '../support/engines.js';
import { single } from '../support/graphs.js';

const none = new Map();

/** Channels below, at and above the pad of 8; planes with every remainder of a block of 60. */
const plane = () =>
  fc.tuple(
    fc.integer({ min: 1, max: 2 }),
    fc.integer({ min: 1, max: 20 }),
    fc.integer({ min: 1, max: 12 }),
    fc.integer({ min: 1, max: 12 }),
    fc.nat(),
  );

const widened = ({ x }: PoolCase, channels: number) => x.shape.map((extent, axis) => (axis === 1 ? extent * channels : extent));

test('maxPool and avgPool: any window, padding, rounding and divisor stay within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(
      poolCase(),
      fc.integer({ min: 1, max: 9 }),
      fc.constantFrom('window' as const, 'inside' as const),
      fc.nat(),
      async (pool, channels, divisor, seed) => {
        const shape = widened(pool, channels);
        await expectAllWithin(single('maxPool2d', shape, pool.attrs), { input: seeded(shape, seed) }, none, builds);
        await expectAllWithin(single('avgPool2d', shape, { ...pool.attrs, divisor }), { input: seeded(shape, seed) }, none, builds);
      },
    ),
  );
});

test('squeeze: the mean of any plane stays within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(plane(), async ([N, C, H, W, seed]) => {
      await expectAllWithin(single('globalAvgPool', [N, C, H, W], {}), { input: seeded([N, C, H, W], seed) }, none, builds);
    }),
  );
});

test('globalMaxPool: the largest of any plane, to the bit', async () => {
  await fc.assert(
    fc.asyncProperty(plane(), async ([N, C, H, W, seed]) => {
      await expectAllWithin(single('globalMaxPool', [N, C, H, W], {}), { input: seeded([N, C, H, W], seed) }, none, builds);
    }),
  );
});

test('adaptiveAvgPool: any plane to any other stays within the bound', async () => {
  await fc.assert(
    fc.asyncProperty(plane(), fc.tuple(extents(9), extents(9)), async ([N, C, H, W, seed], output) => {
      await expectAllWithin(single('adaptiveAvgPool2d', [N, C, H, W], { output }), { input: seeded([N, C, H, W], seed) }, none, builds);
    }),
  );
});

test('squeeze: a value with several readers keeps it and its mean', async () => {
  const graph = build(
    [2, 9, 8, 9],
    (x) => {
      const z = x.graph.emit('globalAvgPool', [x], {});
      x.graph.gate('z', z);
      return x.graph.emit('scale', [x, z], {});
    },
    { gates: true },
  );
  await expectAllWithin(graph, { input: seeded([2, 9, 8, 9], 1) }, none, builds);
});

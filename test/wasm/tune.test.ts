import { expect, test } from 'vitest';
import { type TileName, tileNames } from '../../src/wasm/options.js';
import { measureTiles, tuningOf } from '../../src/wasm/tune.js';

const speeds = (...values: readonly number[]): ReadonlyMap<TileName, number> =>
  new Map(tileNames.map((name, i) => [name, values[i] as number]));

// as measured: Node 20, Node 26, Node 26 with --experimental-wasm-revectorize
test.each([
  [speeds(62, 63, 66, 42, 45, 48), '6x8', false],
  [speeds(62, 65, 70, 40, 40, 43), '6x8', false],
  [speeds(68, 80, 77, 119, 121, 131), '6x16', true],
] as const)('the fastest tile, and whether 16 columns show that vectors are joined: %#', (measured, tile, pairedVectors) => {
  expect(tuningOf(measured)).toEqual({ tile, pairedVectors });
});

test('every tile is measured', async () => {
  const measured = await measureTiles('strict');
  expect([...measured.keys()]).toEqual([...tileNames]);
  for (const speed of measured.values()) expect(speed).toBeGreaterThan(0);
});

import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { recallTile, rememberTile, settled } from '../../src/node/tileCache.js';
import type { TileName } from '../../src/wasm/options.js';
import { tuning } from '../../src/wasm/tune.js';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-tiles-'));
  vi.stubEnv('SENET_CACHE', folder);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

const answers = (...tiles: readonly TileName[]) => tiles.map((tile) => ({ tile, pairedVectors: false }));

test.each([
  [[], undefined],
  [['5x8'], undefined],
  [['5x8', '6x8'], undefined],
  [['5x8', '6x8', '5x8'], '5x8'],
  [['4x8', '5x8', '6x8', '4x16'], undefined],
  [['4x8', '5x8', '6x8', '4x16', '6x16'], '4x8'],
] as const)('two answers that agree settle it, or many: %j', (tiles, tile) => {
  expect(settled(answers(...tiles))?.tile).toBe(tile);
});

test('what is measured is remembered: the next start measures nothing', async () => {
  expect(await recallTile('strict')).toBeUndefined();
  const tile = await rememberTile('strict');
  const [file] = await readdir(join(folder, 'tiles'));
  const kept = JSON.parse(await readFile(join(folder, 'tiles', file as string), 'utf8'));
  expect(settled(kept)?.tile).toBe(tile);

  const other = tile === '4x16' ? '5x16' : '4x16'; // nothing that a measurement here would give
  await writeFile(join(folder, 'tiles', file as string), JSON.stringify(answers(other, other)));
  expect(await recallTile('strict')).toBe(other);
  expect((await tuning('strict')).tile).toBe(other);
  expect(await rememberTile('strict')).toBe(other);
});

test.each(['', '{', '[{"tile":"9x9","pairedVectors":false}]', '{"tile":"4x8"}'])('a damaged file is measured anew: %j', async (text) => {
  await rememberTile('strict');
  const [file] = await readdir(join(folder, 'tiles'));
  await writeFile(join(folder, 'tiles', file as string), text);
  expect(await recallTile('strict')).toBeUndefined();
  await rememberTile('strict');
  expect(JSON.parse(await readFile(join(folder, 'tiles', file as string), 'utf8')).length).toBeGreaterThan(1);
});

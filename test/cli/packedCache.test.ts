import { chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { photographs } from '../io/fixtures.js';
import { type Outcome, senet } from './senet.js';
import { senetHere } from './senetHere.js';

/** `senet classify` keeps packed weights, and starts from them. */

const photo = fileURLToPath(new URL('chelsea.png', photographs));
let folder: string;
let cache: string;
let weights: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-packed-'));
  weights = join(folder, 'w.safetensors');
  await writeFile(weights, saveSafetensors(syntheticWeights(createModel('timm/resnet18', { classes: 7 }), { seed: 5 })));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  cache = await mkdtemp(join(folder, 'cache-'));
  vi.stubEnv('SENET_CACHE', cache);
  vi.stubEnv('SENET_TILE', '4x8');
});

const packed = async (): Promise<readonly string[]> => (await readdir(join(cache, 'packed')).catch(() => [])).sort();
/** What is kept is as large whatever the images are. */
const args = (): readonly string[] => ['classify', photo, '--weights', weights, '--json', '--size', '32'];
const classify = (...flags: readonly string[]): Promise<Outcome> => senetHere(...args(), ...flags);

test('the second start has the bits of the first, from what was kept', async () => {
  const first = await senet(...args());
  expect(first.code).toBe(0);
  const [file, ...others] = await packed();
  expect(others).toEqual([]);

  // it is what is read: with another number in it the answer is refused, and packed anew
  const kept = join(cache, 'packed', file as string);
  const bytes = await readFile(kept);
  const second = await senet(...args());
  expect([second.code, second.stdout]).toEqual([0, first.stdout]);
  expect(Buffer.compare(await readFile(kept), bytes)).toBe(0);
  bytes[bytes.length - 5] = (bytes[bytes.length - 5] as number) ^ 1;
  await writeFile(kept, bytes);
  const third = await classify();
  expect([third.code, third.stdout]).toEqual([0, first.stdout]);
  expect(third.stderr).toMatch(/packed: packed weights: expected .+ with CRC-32 \w{8}, found \w{8}; the weights are packed anew/);
  expect((await classify()).stderr).not.toMatch('anew');
});

test('another checkpoint under the same name, other kernels or algorithms, and gates have their own', async () => {
  await classify();
  await utimes(weights, new Date(), new Date()); // as after it was written again
  await classify();
  expect(await packed()).toHaveLength(2);
  await classify('--kernels', 'strict');
  await classify('--algorithms', 'direct');
  expect(await packed()).toHaveLength(4);
});

test('--no-packed-cache keeps none', async () => {
  expect((await classify('--no-packed-cache')).code).toBe(0);
  expect(await packed()).toEqual([]);
});

test('a cache that cannot be written to is no reason to fail', async () => {
  const first = await classify();
  await writeFile(join(cache, 'file'), '');
  vi.stubEnv('SENET_CACHE', join(cache, 'file'));
  const blocked = await classify();
  vi.stubEnv('SENET_CACHE', cache);
  expect([blocked.code, blocked.stdout]).toEqual([0, first.stdout]);
  await chmod(join(cache, 'packed'), 0o500);
  expect((await classify()).stdout).toBe(first.stdout);
});

test('senet cache lists and removes it', async () => {
  await classify();
  const [file] = await packed();
  const [row, ...others] = JSON.parse((await senetHere('cache', 'ls', '--json')).stdout);
  expect(others).toEqual([]);
  expect(row).toMatchObject({ name: 'packed', file: join(cache, 'packed', file as string), complete: true });
  expect((await senetHere('cache', 'rm', 'packed')).stdout).toBe('removed packed\n');
  expect(await packed()).toEqual([]);
  expect((await senetHere('cache', 'rm', 'packed')).code).toBe(2);
  await classify();
  await senetHere('cache', 'rm', '--all');
  expect(await packed()).toEqual([]);
});

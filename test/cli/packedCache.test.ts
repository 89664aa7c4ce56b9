import { chmod, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { photographs } from '../io/fixtures.js';
import { type Outcome, senetWith } from './senet.js';

/** `senet classify` keeps packed weights, and starts from them. */

const photo = fileURLToPath(new URL('chelsea.png', photographs));
let folder: string;
let cache: string;
let weights: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-packed-'));
  weights = join(folder, 'w.safetensors');
  await writeFile(weights, saveSafetensors(syntheticWeights(createModel('timm/resnet18'), { seed: 5 })));
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  cache = await mkdtemp(join(folder, 'cache-'));
});

const packed = async (): Promise<readonly string[]> => (await readdir(join(cache, 'packed')).catch(() => [])).sort();
const run = (...args: readonly string[]): Promise<Outcome> => senetWith({ SENET_CACHE: cache, SENET_TILE: '4x8' }, ...args);
const classify = (...flags: readonly string[]): Promise<Outcome> => run('classify', photo, '--weights', weights, '--json', ...flags);

test('the second start has the bits of the first, from what was kept', async () => {
  const first = await classify();
  expect(first.code).toBe(0);
  const [file, ...others] = await packed();
  expect(others).toEqual([]);

  // it is what is read: with another number in it the answer is refused, and packed anew
  const kept = join(cache, 'packed', file as string);
  const bytes = await readFile(kept);
  const second = await classify();
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
  const blocked = await senetWith({ SENET_CACHE: join(cache, 'file') }, 'classify', photo, '--weights', weights, '--json');
  expect([blocked.code, blocked.stdout]).toEqual([0, first.stdout]);
  await chmod(join(cache, 'packed'), 0o500);
  expect((await classify()).stdout).toBe(first.stdout);
});

test('senet cache lists and removes it', async () => {
  await classify();
  const [file] = await packed();
  const [row, ...others] = JSON.parse((await run('cache', 'ls', '--json')).stdout);
  expect(others).toEqual([]);
  expect(row).toMatchObject({ name: 'packed', file: join(cache, 'packed', file as string), complete: true });
  expect((await run('cache', 'rm', 'packed')).stdout).toBe('removed packed\n');
  expect(await packed()).toEqual([]);
  expect((await run('cache', 'rm', 'packed')).code).toBe(2);
  await classify();
  await run('cache', 'rm', '--all');
  expect(await packed()).toEqual([]);
});

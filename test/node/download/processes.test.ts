import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sidecarText } from '../../../src/node/download/sidecar.js';
import { seeded } from '../../support/arbitraries.js';
import { serve } from './server.js';

/** Several processes that want one file, some of them killed. */

const built = new URL('../../../dist/src/node/download/fetchFile.js', import.meta.url).href;
const file = Buffer.from(seeded([500_000], 1).data.buffer);

let folder: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-processes-'));
  target = join(folder, 'model.safetensors');
});
afterEach(() => rm(folder, { recursive: true }));

function download(url: string): { readonly child: ChildProcess; readonly ended: Promise<number | null> } {
  const script = `const { fetchFile } = await import(${JSON.stringify(built)}); await fetchFile(${JSON.stringify(url)}, ${JSON.stringify(target)});`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'ignore' });
  return { child, ended: new Promise((resolve) => child.on('close', resolve)) };
}

/** A server that takes its time: a piece every few milliseconds. */
const slow = () =>
  serve(async (request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = from > 0 && { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` };
    response.writeHead(from > 0 ? 206 : 200, { etag: '"v1"', 'content-length': file.length - from, ...range });
    for (let at = from; at < file.length && !response.destroyed; at += 10_000) {
      response.write(file.subarray(at, at + 10_000));
      await setTimeout(5);
    }
    response.end();
  });

/** Bytes that have come, of all processes. */
async function collected(): Promise<number> {
  const parts = (await readdir(folder)).filter((name) => name.endsWith('.part'));
  const sizes = await Promise.all(parts.map((name) => stat(join(folder, name)).catch(() => ({ size: 0 }))));
  return sizes.reduce((sum, { size }) => sum + size, 0);
}

async function expectWhole(): Promise<void> {
  expect((await readFile(target)).equals(file)).toBe(true);
  const sha256 = createHash('sha256').update(file).digest('hex');
  expect(await readFile(`${target}.sha256`, 'utf8')).toBe(sidecarText(sha256, target));
}

test('all of them get it', { timeout: 120_000 }, async () => {
  const { origin } = await slow();
  const codes = await Promise.all([1, 2, 3, 4].map(() => download(`${origin}/f`).ended));
  expect(codes).toEqual([0, 0, 0, 0]);
  await expectWhole();
  expect((await readdir(folder)).sort()).toEqual(['model.safetensors', 'model.safetensors.sha256']);
});

test('killed at drawn moments, they lose no more than a piece, and the last one leaves nothing of them', { timeout: 240_000 }, async () => {
  const { origin, requests } = await slow();
  const moments = seeded([12], 2).data;
  for (const [i, signal] of (['SIGINT', 'SIGTERM', 'SIGKILL'] as const).entries())
    for (const moment of [moments[2 * i], moments[2 * i + 1]]) {
      const before = await collected();
      const { child, ended } = download(`${origin}/f`);
      while ((await collected()) <= before) await setTimeout(5);
      await setTimeout(40 * Math.abs(moment ?? 0));
      child.kill(signal);
      await ended;
    }
  expect(await readdir(folder)).not.toContain('model.safetensors');
  expect(requests.slice(1).every(({ headers }) => headers.range !== undefined)).toBe(true);
  expect(await download(`${origin}/f`).ended).toBe(0);
  await expectWhole();
  expect((await readdir(folder)).sort()).toEqual(['model.safetensors', 'model.safetensors.sha256']);
});

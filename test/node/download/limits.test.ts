import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type FetchOptions, fetchFile } from '../../../src/node/download/fetchFile.js';
import { DownloadError } from '../../../src/pretrained/download/error.js';
import { sendFile, serve } from './server.js';

const file = Buffer.alloc(5000, 'weights ');

let folder: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-limits-'));
  target = join(folder, 'model.safetensors');
});
afterEach(() => rm(folder, { recursive: true }));

async function fault(url: string, options: FetchOptions = {}): Promise<DownloadError> {
  const error = await fetchFile(url, target, { stallMs: 500, ...options }).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(DownloadError);
  return error as DownloadError;
}

/** Writes for as long as somebody reads. */
function pourOut(response: ServerResponse, bytes: Uint8Array, everyMs: number): void {
  const timer = setInterval(() => response.write(bytes), everyMs);
  response.on('close', () => clearInterval(timer));
}

test.each<readonly [string, Readonly<Record<string, string | number>>, FetchOptions, string]>([
  ['longer than its hub announced', { 'x-linked-size': 4000 }, {}, 'sends more than the 4000 bytes that it announced'],
  ['larger than is allowed, and says so', { 'content-length': 5000 }, { maxBytes: 4999 }, 'expected at most 4999 bytes'],
  ['larger than is allowed, without a word', {}, { maxBytes: 4999 }, 'expected at most 4999 bytes'],
])('a body %s ends at once, is not asked for again, and leaves nothing', async (_, headers, options, message) => {
  const { origin, requests } = await serve((__, response) => response.writeHead(200, { etag: '"v1"', ...headers }).end(file));
  const error = await fault(`${origin}/f`, options);
  expect([error.fault, error.message]).toEqual(['long', expect.stringContaining(message)]);
  expect(requests).toHaveLength(1);
  expect(await readdir(folder)).toEqual([]);
});

test('an endless body ends at the limit', async () => {
  const { origin, requests } = await serve((_, response) => {
    response.writeHead(200, { etag: '"v1"' });
    pourOut(response, Buffer.alloc(2 ** 16), 1);
  });
  expect((await fault(`${origin}/f`, { maxBytes: 2 ** 20 })).fault).toBe('long');
  expect(requests).toHaveLength(1);
});

test('a trickle has stalled, though something comes all the time; what came is kept', async () => {
  const { origin } = await serve((_, response) => {
    response.writeHead(200, { etag: '"v1"', 'content-length': 5000 });
    pourOut(response, file.subarray(0, 1), 20);
  });
  const error = await fault(`${origin}/f`);
  expect([error.fault, error.message]).toEqual(['stalled', expect.stringMatching(/no more than \d+ bytes came in 0\.5 s/)]);
  expect((await readdir(folder)).sort()).toEqual(['model.safetensors.part', 'model.safetensors.part.json']);
});

test('connections that bring a byte each end, too', async () => {
  const { origin, requests } = await serve((request, response) => {
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const range = from > 0 && { 'content-range': `bytes ${from}-${file.length - 1}/${file.length}` };
    response.writeHead(from > 0 ? 206 : 200, { etag: '"v1"', 'content-length': file.length - from, ...range });
    response.write(file.subarray(from, from + 1), () => setTimeout(() => response.destroy(), 50)); // the byte first
  });
  const error = await fault(`${origin}/f`);
  expect(error.fault).toBe('short');
  // three that bring nothing would be the end; a byte that comes just before its connection ends may be lost on a slow machine
  expect(requests.length).toBeGreaterThan(3);
  expect(requests.length).toBeLessThanOrEqual(100);
});

test.each(['gzip', 'br', 'deflate, gzip'])('a body in %s, which nobody asked for, is refused', async (encoding) => {
  const { origin, requests } = await serve((_, response) => response.writeHead(200, { 'content-encoding': encoding }).end(gzipSync(file)));
  const error = await fault(`${origin}/f`);
  expect([error.fault, error.message]).toEqual(['encoded', expect.stringContaining(encoding)]);
  expect(requests).toHaveLength(1);
  expect(await readdir(folder)).toEqual([]);
});

test.each([404, 200])('an answer of status %d that is of no use is not listened to any longer', async (status) => {
  let closed: () => void = () => undefined;
  const hungUp = new Promise<void>((resolve) => {
    closed = resolve;
  });
  const { origin } = await serve((_, response) => {
    response.on('close', closed);
    response.writeHead(status, { 'content-type': 'text/html' });
    pourOut(response, file, 5);
  });
  await fault(`${origin}/f`);
  await hungUp;
});

test('what is published is held to, whatever a server says of the hash', async () => {
  const { origin } = await serve((request, response) => {
    const own = createHash('sha256').update(file).digest('hex');
    if (request.url === '/f') response.writeHead(302, { location: '/g', 'x-linked-etag': `"${own}"` }).end();
    else sendFile(request, response, file);
  });
  const error = await fault(`${origin}/f`, { sha256: '00000000' });
  expect([error.fault, error.message]).toEqual(['hash', expect.stringContaining('begins with 00000000')]);
});

test('the storage that a hub redirects to does not change what the hub said', async () => {
  const { origin } = await serve((request, response) => {
    const said = (digit: string) => ({ 'x-linked-etag': `"${digit.repeat(64)}"` });
    if (request.url === '/f') response.writeHead(302, { location: '/g', ...said('0') }).end();
    else response.writeHead(200, said('1')).end(file);
  });
  expect((await fault(`${origin}/f`)).message).toContain('begins with 00000000');
});

test.each([
  '',
  'null',
  '7',
  '{',
  '{"url": "URL", "etag": 5, "size": 5000}',
  '{"url": "URL", "etag": "a\\nb", "size": 5000}',
  '{"url": "URL", "etag": null, "size": {}}',
])('a damaged record of a part (%j) is none: the download begins anew', async (record) => {
  const { origin, requests } = await serve((request, response) => sendFile(request, response, file));
  await writeFile(`${target}.part`, file.subarray(0, 100));
  await writeFile(`${target}.part.json`, record.replace('URL', `${origin}/f`));
  await fetchFile(`${origin}/f`, target);
  expect(await readFile(target)).toEqual(file);
  expect(requests.map(({ headers }) => headers.range)).toEqual([undefined]);
});

test.each([
  ['x-linked-size', ''],
  ['x-linked-size', '-1'],
  ['x-linked-size', '5e3'],
])('%s "%s" says nothing', async (name, value) => {
  const { origin } = await serve((_, response) => response.writeHead(200, { [name]: value }).end(file));
  await fetchFile(`${origin}/f`, target);
  expect(await readFile(target)).toEqual(file);
});

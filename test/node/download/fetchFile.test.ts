import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { saveSafetensors } from '../../../src/io/safetensors.js';
import { type FetchOptions, fetchFile } from '../../../src/node/download/fetchFile.js';
import { DownloadError, type DownloadFault } from '../../../src/pretrained/download/error.js';
import { seeded } from '../../support/arbitraries.js';
import { breakOff, sendFile, serve } from './server.js';

const file = saveSafetensors(new Map([['fc.weight', seeded([10, 100], 1)]]));
const sha256 = createHash('sha256').update(file).digest('hex');

let folder: string;
let target: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-fetch-'));
  target = join(folder, 'model.safetensors');
});
afterEach(() => rm(folder, { recursive: true }));

const options = { stallMs: 500 } satisfies FetchOptions;

/** What a download that must fail fails with. */
async function fault(url: string, more: FetchOptions = {}): Promise<DownloadError> {
  const error = await fetchFile(url, target, { ...options, ...more }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(DownloadError);
  expect((error as DownloadError).message).toContain(url);
  expect(await readdir(folder)).not.toContain('model.safetensors');
  return error as DownloadError;
}

async function expectWhole(): Promise<void> {
  expect(Buffer.compare(await readFile(target), file)).toBe(0);
  expect(await readFile(`${target}.sha256`, 'utf8')).toBe(`${sha256}  model.safetensors\n`);
  expect((await readdir(folder)).sort()).toEqual(['model.safetensors', 'model.safetensors.sha256']);
}

describe('a good server', () => {
  test('the file comes, with its SHA-256 beside it and nothing else', async () => {
    const { origin } = await serve((request, response) => sendFile(request, response, file));
    const seen: (readonly [number, number | undefined])[] = [];
    await fetchFile(`${origin}/f`, target, { sha256: sha256.slice(0, 8), onProgress: (...at) => seen.push(at) });
    await expectWhole();
    expect(seen.at(-1)).toEqual([file.length, file.length]);
  });

  test('a hub redirects to its storage and says what to expect there', async () => {
    const storage = await serve((request, response) => sendFile(request, response, file));
    const hub = await serve((_, response) =>
      response
        .writeHead(302, { location: `${storage.origin}/blob`, 'x-linked-etag': `"${sha256}"`, 'x-linked-size': String(file.length) })
        .end(),
    );
    await fetchFile(`${hub.origin}/f`, target, { token: 'hf_secret' });
    await expectWhole();
    expect(hub.requests[0]?.headers.authorization).toBe('Bearer hf_secret');
    expect(storage.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  test('a token goes along on redirects within its own host', async () => {
    const { origin, requests } = await serve((request, response) =>
      request.url === '/f' ? response.writeHead(307, { location: '/moved' }).end() : sendFile(request, response, file),
    );
    await fetchFile(`${origin}/f`, target, { token: 'hf_secret' });
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer hf_secret', 'Bearer hf_secret']);
  });

  test('two downloads of one file at a time do not disturb each other', async () => {
    const { origin } = await serve((request, response) => sendFile(request, response, file));
    await Promise.all([1, 2, 3].map(() => fetchFile(`${origin}/f`, target, options)));
    await expectWhole();
  });
});

/** Until the first 1000 bytes are in a file: what has come just before a connection breaks may be lost with it. */
async function arrived(): Promise<void> {
  const sizes = async () =>
    Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name)).catch(() => undefined))?.size ?? 0));
  while (!(await sizes()).some((size) => size >= 1000)) await setTimeout(5);
}

describe('taking up what has come', () => {
  test('a connection that breaks again and again is taken up where it broke', async () => {
    const { origin, requests } = await serve((request, response) =>
      requests.length < 4 ? breakOff(request, response, file, 1000) : sendFile(request, response, file),
    );
    await fetchFile(`${origin}/f`, target, options);
    await expectWhole();
    // what a connection brought just before it broke may be lost with it
    const [first, ...later] = requests.map(({ headers }) => headers.range);
    expect(first).toBe(undefined);
    for (const range of later) expect(['bytes=1000-', 'bytes=2000-', 'bytes=3000-']).toContain(range);
    expect(later).toEqual(later.toSorted());
    expect(requests.at(-1)?.headers['if-range']).toBe('"v1"');
  });

  test('so is one by a later call', async () => {
    let down = true;
    const { origin, requests } = await serve((request, response) => {
      if (requests.length === 1) breakOff(request, response, file, 1000, '"v1"', arrived);
      else if (down) response.writeHead(503).end();
      else sendFile(request, response, file);
    });
    expect((await fault(`${origin}/f`)).fault).toBe('status');
    expect((await readdir(folder)).sort()).toEqual(['model.safetensors.part', 'model.safetensors.part.json']);
    down = false;
    await fetchFile(`${origin}/f`, target, options);
    await expectWhole();
    expect(requests.at(-1)?.headers.range).toBe('bytes=1000-');
  });

  test.each([
    ['another version of it', '"v1"', '"v2"'],
    ['a server that gives no validator', null, null],
  ])('but not of %s', async (_, before, after) => {
    const older = file.map((byte) => byte ^ 1);
    const { origin, requests } = await serve((request, response) =>
      requests.length === 1 ? breakOff(request, response, older, 1000, before, arrived) : sendFile(request, response, file, after),
    );
    await fetchFile(`${origin}/f`, target, options);
    await expectWhole();
    expect(requests.map(({ headers }) => headers.range)).toEqual([undefined, before === null ? undefined : 'bytes=1000-']);
  });

  test('nor from a server that goes on elsewhere than was asked', async () => {
    const { origin, requests } = await serve((request, response) => {
      if (requests.length === 1) return breakOff(request, response, file, 1000, '"v1"', arrived);
      if (request.headers.range === undefined) return sendFile(request, response, file);
      const range = `bytes 999-${file.length - 1}/${file.length}`;
      return response.writeHead(206, { etag: '"v1"', 'content-range': range }).end(file.subarray(999));
    });
    await fetchFile(`${origin}/f`, target, options);
    await expectWhole();
  });

  test('what a process left that is gone is taken over; what one is writing is not', async () => {
    const gone = execFileSync(process.execPath, ['-e', 'process.stdout.write(String(process.pid))'], { encoding: 'utf8' });
    for (const pid of [gone, String(process.ppid)]) {
      const part = `${target}.${hostname()}.${pid}.0.part`;
      await writeFile(part, file.subarray(0, 1234));
      const { origin, requests } = await serve((request, response) => sendFile(request, response, file));
      await writeFile(`${part}.json`, JSON.stringify({ url: `${origin}/f`, etag: '"v1"', size: file.length }));
      await fetchFile(`${origin}/f`, target, options);
      expect(Buffer.compare(await readFile(target), file)).toBe(0);
      expect(requests.map(({ headers }) => headers.range)).toEqual([pid === gone ? 'bytes=1234-' : undefined]);
      expect((await readdir(folder)).includes(part.slice(folder.length + 1))).toBe(pid !== gone);
    }
  });
});

describe('refused', () => {
  test('a page, whatever it says that it is, and nothing is kept of it', async () => {
    for (const [type, page] of [
      ['text/html; charset=utf-8', 'Sign in'],
      ['application/octet-stream', '\n<!DOCTYPE html><title>Moved</title>'],
    ] as const) {
      const { origin } = await serve((_, response) => response.writeHead(200, { 'content-type': type, etag: '"p"' }).end(page));
      const error = await fault(`${origin}/f`);
      expect([error.fault, error.message]).toEqual(['html', expect.stringContaining('--weights')]);
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test('a short file: one that breaks off for good, and one that is shorter than its hub says', async () => {
    const always = await serve((_, response) => breakOff({ headers: {} } as never, response, file, 1000));
    const error = await fault(`${always.origin}/f`);
    expect([error.fault, error.message]).toEqual(['short', expect.stringContaining(`ended after 1000 of ${file.length} bytes`)]);

    const chunked = await serve((request, response) =>
      request.url === '/f'
        ? response.writeHead(302, { location: '/blob', 'x-linked-size': String(file.length) }).end()
        : response.end(file.subarray(0, 500)),
    );
    const cut = await fault(`${chunked.origin}/f`);
    expect([cut.fault, cut.message]).toEqual(['short', expect.stringContaining(`ended after 500 of ${file.length} bytes`)]);
  });

  test('another file than the one published, by the name’s digits and by the hub’s; nothing is kept of it', async () => {
    const { origin } = await serve((request, response) => {
      const zeros = `"${'0'.repeat(64)}"`;
      if (request.url === '/hub') response.writeHead(302, { location: '/f', 'x-linked-etag': zeros }).end();
      else if (request.url === '/validated') sendFile(request, response, file, zeros);
      else sendFile(request, response, file);
    });
    const faults = [
      await fault(`${origin}/f`, { sha256: '00000000' }),
      await fault(`${origin}/hub`),
      await fault(`${origin}/validated`, { hub: true }),
    ];
    for (const error of faults) {
      expect([error.fault, error.message]).toEqual(['hash', expect.stringContaining(`begins with 00000000`)]);
      expect(error.message).toContain(sha256);
      expect(await readdir(folder)).toEqual([]);
    }
  });

  test.each<readonly [string, (path: string) => string, string]>([
    ['in a circle of one', () => '/f', 'in a circle'],
    ['in a circle of three', (path) => ({ '/f': '/a', '/a': '/b' })[path] ?? '/f', 'in a circle'],
    ['without end', (path) => `${path}f`, 'more than 10 times'],
    ['to a file of this machine', () => 'file:///etc/passwd', 'not secure'],
    ['to nowhere', () => 'http://', 'which is no address'],
  ])('a redirect %s', async (_, next, message) => {
    const { origin, requests } = await serve((request, response) =>
      response.writeHead(302, { location: next(request.url as string) }).end(),
    );
    const error = await fault(`${origin}/f`);
    expect([error.fault, error.message]).toEqual(['redirect', expect.stringContaining(message)]);
    expect(requests.length).toBeLessThan(12);
  });

  test.each<readonly [number, string | undefined, string]>([
    [401, undefined, 'set HF_TOKEN'],
    [403, 'hf_secret', 'the token in HF_TOKEN does not give it'],
    [404, undefined, 'there is no such file'],
    [429, undefined, 'try again later'],
    [500, undefined, 'try again later'],
    [204, undefined, 'by hand'],
  ])('status %d', async (status, token, message) => {
    const { origin } = await serve((_, response) => response.writeHead(status, { 'x-error-message': 'No such repository' }).end('no'));
    const error = await fault(`${origin}/f`, { token });
    expect([error.fault, error.message]).toEqual(['status', expect.stringContaining(message)]);
    expect(error.message).toContain(`answered ${status}, No such repository: `);
    expect(error.message).not.toContain('hf_secret');
  });

  test.each<readonly [string, (response: import('node:http').ServerResponse) => void]>([
    ['from the beginning', () => undefined],
    [
      'in the midst of the file',
      (response) => response.writeHead(200, { etag: '"v1"', 'content-length': 5000 }).write(file.subarray(0, 100)),
    ],
  ])('silence %s', async (_, answer) => {
    const { origin } = await serve((__, response) => answer(response));
    const error = await fault(`${origin}/f`, { stallMs: 200 });
    expect([error.fault, error.message]).toEqual(['stalled' satisfies DownloadFault, expect.stringContaining('nothing came for 0.2 s')]);
  });

  test('no server', async () => {
    const error = await fault('http://127.0.0.1:1/f');
    expect([error.fault, error.message]).toEqual(['network', expect.stringContaining('the connection failed')]);
  });

  test('a place that cannot be written to', async () => {
    const { origin } = await serve((request, response) => sendFile(request, response, file));
    await writeFile(join(folder, 'taken'), '');
    const failing = fetchFile(`${origin}/f`, join(folder, 'taken', 'model.safetensors'), options);
    await expect(failing).rejects.toMatchObject({ name: 'DownloadError', fault: 'file' });
  });
});

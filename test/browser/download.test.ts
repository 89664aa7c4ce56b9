import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { breakOff, sendFile, serve } from '../node/download/server.js';
import { openPages, type Pages } from './pages.js';

interface Fetched {
  readonly size?: number;
  readonly sha256?: string;
  readonly notes?: readonly string[];
  readonly error?: {
    readonly name: string;
    readonly message: string;
    readonly fault?: string;
    readonly url?: string;
    readonly typed: boolean;
  };
  readonly progress: readonly { readonly received: number; readonly total?: number }[];
  readonly kept: number;
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const file = Uint8Array.from({ length: 5_000_000 }, (_, i) => (i * i) >> 7);
const sha256 = hashOf(file);

let pages: Pages;
let cat: string;
beforeAll(async () => {
  pages = await openPages();
  cat = await readFile(new URL('../../assets/images/chelsea.png', import.meta.url), 'base64');
}, 60_000);
afterAll(() => pages?.close());

const inPage = <T>(name: string, ...args: readonly unknown[]): Promise<T> =>
  pages.page.evaluate<T>(`import('/test/browser/downloadInPage.js').then(({ ${name} }) => ${name}(...${JSON.stringify(args)}))`);
const fetched = (url: string, options = {}): Promise<Fetched> => inPage('fetched', url, options);
const kept = (url: string, digits = sha256): Promise<string | undefined> => inPage('kept', url, digits);

/** A server of another origin that lets pages read its answers. */
const open = (handle: (request: IncomingMessage, response: ServerResponse, requests: number) => void, headers = openHeaders) => {
  let requests = 0;
  return serve((request, response) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    handle(request, response, requests++);
  });
};
const openHeaders: Readonly<Record<string, string>> = {
  'access-control-allow-origin': '*',
  'access-control-expose-headers': 'etag, content-range, content-length',
};
const hidden = { 'access-control-allow-origin': '*' };

const rangesOf = (requests: readonly IncomingMessage[]): readonly unknown[] => requests.map(({ headers }) => headers.range);

describe('a file that is fetched by a page', () => {
  test('comes whole, is checked, is kept, and is told of on its way', async () => {
    const { origin, requests } = await open((request, response) => sendFile(request, response, file));
    const url = `${origin}/weights.bin`;
    expect(await kept(url)).toBeUndefined();
    const { progress, ...found } = await fetched(url, { sha256 });
    expect(found).toEqual({ size: file.length, sha256, notes: [], kept: file.length });
    expect(progress.at(-1)).toEqual({ received: file.length, total: file.length });
    expect(progress.map(({ received }) => received)).toEqual(progress.map(({ received }) => received).sort((a, b) => a - b));
    expect(await kept(url)).toBe(sha256);
    expect(requests).toHaveLength(1);
  });

  test('whose connection breaks is resumed where it ended', async () => {
    const { origin, requests } = await open((request, response, i) =>
      i === 0 ? breakOff(request, response, file, 2_000_000) : sendFile(request, response, file),
    );
    expect(await fetched(`${origin}/weights.bin`, { sha256 })).toMatchObject({ size: file.length, sha256, kept: file.length });
    expect(rangesOf(requests)).toEqual([undefined, expect.stringMatching(/^bytes=[1-9]\d*-$/)]);
  });

  test('that is aborted stays in part, and is resumed by the next', async () => {
    const { origin, requests } = await open((request, response, i) => {
      if (i > 0) return sendFile(request, response, file);
      response.writeHead(200, { etag: '"v1"', 'content-length': file.length });
      response.write(file.subarray(0, 3_000_000)); // and no more
    });
    const url = `${origin}/weights.bin`;
    const first = await fetched(url, { sha256, abortAfter: 1_000_000 });
    expect(first.error).toMatchObject({ name: 'Error', message: 'enough' });
    expect(first.kept).toBeGreaterThan(1_000_000);
    expect(await kept(url)).toBeUndefined();
    const second = await fetched(url, { sha256 });
    expect(second).toMatchObject({ size: file.length, sha256, notes: [] });
    expect(second.progress[0]?.received).toBeGreaterThan(first.kept);
    expect(rangesOf(requests)).toEqual([undefined, `bytes=${first.kept}-`]);
  });

  test.each([
    ['another version', (request: IncomingMessage, response: ServerResponse) => sendFile(request, response, file, '"v2"')],
    ['all of it', (_: IncomingMessage, response: ServerResponse) => void response.writeHead(200, { etag: '"v1"' }).end(file)],
    [
      'that there is no such range',
      (request: IncomingMessage, response: ServerResponse) =>
        request.headers.range ? void response.writeHead(416).end() : sendFile(request, response, file),
    ],
  ])('begins anew where the server answers with %s', async (_, second) => {
    const { origin } = await open((request, response, i) =>
      i === 0
        ? breakOff(
            request,
            response,
            Uint8Array.from(file, (byte) => byte ^ 1),
            2_000_000,
          )
        : second(request, response),
    );
    expect(await fetched(`${origin}/weights.bin`, { sha256: sha256.slice(0, 8) })).toMatchObject({
      size: file.length,
      sha256,
      kept: file.length,
    });
  });

  test('is resumed by its SHA-256 where another origin hides its validator', async () => {
    const { origin, requests } = await open(
      (request, response, i) => (i === 0 ? breakOff(request, response, file, 2_000_000) : sendFile(request, response, file)),
      hidden,
    );
    expect(await fetched(`${origin}/weights.bin`, { sha256, size: file.length })).toMatchObject({ size: file.length, sha256 });
    expect(rangesOf(requests)[1]).toMatch(/^bytes=[1-9]\d*-$/);
  });

  test('of the own origin is resumed with If-Range', async () => {
    const { origin, requests } = await serve(async (request, response) => {
      const { url = '' } = request;
      if (url.endsWith('.js')) {
        response.setHeader('content-type', 'text/javascript');
        response.end(await readFile(new URL(`../..${url}`, import.meta.url)));
      } else if (url !== '/weights.bin') response.setHeader('content-type', 'text/html').end();
      else if (request.headers.range) sendFile(request, response, file);
      else breakOff(request, response, file, 2_000_000);
    });
    const page = await pages.page.context().newPage();
    await page.goto(origin);
    const call = `import('/test/browser/downloadInPage.js').then(({ fetched }) => fetched('${origin}/weights.bin'))`;
    expect(await page.evaluate(call)).toMatchObject({ size: file.length, sha256 });
    const asked = requests.filter(({ url }) => url === '/weights.bin').map(({ headers }) => headers['if-range']);
    expect(asked).toEqual([undefined, '"v1"']);
    await page.close();
  });

  test('that was damaged where it was kept is fetched anew', async () => {
    const { origin } = await open((request, response) => sendFile(request, response, file));
    const url = `${origin}/weights.bin`;
    await fetched(url, { sha256 });
    await inPage('damage', url);
    expect(await kept(url)).toBeUndefined();
    expect(await fetched(url, { sha256 })).toMatchObject({ sha256 });
    expect(await kept(url)).toBe(sha256);
    expect(await kept(url, '0123')).toBeUndefined(); // another was published meanwhile
  });

  test.each([
    ['none', 'there is no Cache API here'],
    ['refused', 'the user said no'],
    ['full', 'no room'],
  ])('comes all the same where storage is %s, and says that it is not kept', async (storage, why) => {
    const { origin } = await open((request, response) => sendFile(request, response, file));
    const url = `${origin}/weights.bin`;
    const { notes, ...found } = await fetched(url, { sha256, storage });
    expect(found).toMatchObject({ size: file.length, sha256, kept: 0 });
    expect(notes).toEqual([expect.stringContaining(`${url}: not kept for the next time (${why}`)]);
  });

  test('whose SHA-256 nobody published says so', async () => {
    const { origin } = await open((request, response) => sendFile(request, response, file));
    const { notes } = await fetched(`${origin}/weights.bin`);
    expect(notes).toEqual([`${origin}/weights.bin: its SHA-256 is ${sha256}; nobody said what it should be`]);
  });
});

describe('a file that does not come is a DownloadError that names the address', () => {
  type Handle = (request: IncomingMessage, response: ServerResponse) => void;
  const cases: readonly (readonly [string, string, Handle, object, string])[] = [
    [
      'hash',
      'other bytes',
      (request, response) => sendFile(request, response, file),
      { sha256: '0123abcd' },
      `begins with 0123abcd, found ${sha256}`,
    ],
    ['status', 'a 404', (_, response) => void response.writeHead(404).end(), {}, 'answered 404'],
    ['status', 'a 503', (_, response) => void response.writeHead(503).end(), {}, 'try again later'],
    ['html', 'a page', (_, response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<p>'), {}, 'a page for people'],
    ['html', 'a page that says nothing of it', (_, response) => void response.end('\n<!DOCTYPE html>'), {}, 'a page for people'],
    ['short', 'a part, again and again', (request, response) => breakOff(request, response, file, 0), {}, 'ended after'],
    [
      'short',
      'less than was published',
      (request, response) => sendFile(request, response, file.subarray(0, 99)),
      { size: 100 },
      'ended after 99 of 100',
    ],
    ['long', 'more than was published', (request, response) => sendFile(request, response, file), { size: 100 }, 'more than the 100 bytes'],
    ['long', 'too much', (_, response) => void response.end(file), { maxBytes: 1000 }, 'at most 1000 bytes'],
    ['stalled', 'nothing', () => {}, { stallMs: 300 }, 'nothing came for 0.3 s'],
  ];

  test.each(cases)('%s: %s', async (fault, _, handle, options, message) => {
    const { origin } = await open(handle);
    const url = `${origin}/weights.bin`;
    const { error, kept } = await fetched(url, options);
    expect(error).toMatchObject({ name: 'DownloadError', fault, url, typed: true });
    expect(error?.message).toContain(`${url}: `);
    expect(error?.message).toContain(message);
    if (['hash', 'html', 'long'].includes(fault)) expect(kept).toBe(0);
  });

  test('network: a server that lets no page of another origin read', async () => {
    const { origin } = await open((request, response) => sendFile(request, response, file), {});
    expect((await fetched(`${origin}/weights.bin`)).error).toMatchObject({
      fault: 'network',
      message: expect.stringContaining('hand it in as weights'),
    });
  });

  test('offline: no connection', async () => {
    await pages.page.context().setOffline(true);
    const { error } = await fetched('http://127.0.0.1:9/weights.bin').finally(() => pages.page.context().setOffline(false));
    expect(error).toMatchObject({ name: 'DownloadError', fault: 'offline', message: expect.stringContaining('there is no connection') });
  });
});

describe.each([{ worker: false }, { worker: true }])('published weights by their name, $worker', ({ worker }) => {
  interface Named {
    readonly answer?: { readonly logits: readonly number[] };
    readonly error?: { readonly kind: string; readonly message: string; readonly fault?: string; readonly url?: string };
    readonly notes: readonly string[];
    readonly name: string;
    readonly progress: readonly { readonly received: number; readonly total: number }[];
  }
  const model = 'mobilenetv3_small_100.lamb_in1k';
  const weights = saveSafetensors(syntheticWeights(createModel('timm/mobilenetv3_small_100'), { seed: 1, gain: 1 }));
  const path = `/timm/${model}/resolve/main/model.safetensors`;
  const list = (oid = hashOf(weights)) =>
    JSON.stringify([{ path: 'README.md' }, { path: 'model.safetensors', lfs: { oid, size: weights.length } }]);
  const hub = (oid?: string) =>
    open((request, response) => {
      if (request.url === `/api/models/timm/${model}/tree/main`) response.end(list(oid));
      else if (request.url === path) sendFile(request, response, weights);
      else response.writeHead(404).end();
    });
  const byName = (options: object): Promise<Named> => pages.call('bundle', 'byName', cat, { model, worker, ...options });

  test('come once, and then from what is kept', async () => {
    const { origin, requests } = await hub();
    const first = await byName({ endpoint: origin });
    expect(first).toMatchObject({ name: `timm/${model}`, notes: [] });
    expect(first.progress.at(-1)).toEqual({ received: weights.length, total: weights.length });
    expect(first.answer?.logits).toHaveLength(1000);
    const asked = requests.length;
    const second = await byName({ endpoint: origin });
    expect(second.answer).toEqual(first.answer);
    expect(second.progress).toEqual([]);
    expect(requests).toHaveLength(asked);
  });

  test('are resumed after an abort', async () => {
    const { origin, requests } = await hub();
    const aborted = await byName({ endpoint: origin, abortAfter: 5_000_000 });
    expect(aborted.error).toMatchObject({ kind: 'InputError', message: 'enough' });
    await expect.poll(async () => (await byName({ endpoint: origin })).answer?.logits.length).toBe(1000);
    expect(rangesOf(requests).filter((range) => range !== undefined)).toEqual([expect.stringMatching(/^bytes=\d{7}-$/)]);
  });

  test('that are not what the hub says are refused with both hashes', async () => {
    const oid = 'ab'.repeat(32);
    const { origin } = await hub(oid);
    const { error } = await byName({ endpoint: origin });
    expect(error).toMatchObject({ kind: 'DownloadError', fault: 'hash', url: `${origin}${path}` });
    expect(error?.message).toContain(`begins with ${oid}, found ${hashOf(weights)}`);
  });

  test('of a mirror without a list say that nobody vouches for them', async () => {
    const { origin } = await open((request, response) =>
      request.url === path ? sendFile(request, response, weights) : void response.writeHead(404).end(),
    );
    expect((await byName({ endpoint: origin })).notes).toEqual([expect.stringContaining('nobody said what it should be')]);
  });

  test.each([
    [{ endpoint: 'ftp://mirror' }, 'InputError', 'endpoint: expected an address'],
    [{ model: 'seresnet20_cifar10.senet' }, 'UnsupportedError', 'senet/assets/weights/seresnet20_cifar10.safetensors'],
    [{ model: 'legacy_seresnet50.caffe' }, 'InputError', ''],
  ])('%j is refused by name', async (options, kind, message) => {
    const { error } = await byName(options);
    expect(error).toMatchObject({ kind, message: expect.stringContaining(message) });
  });
});

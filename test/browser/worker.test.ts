import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openPages, type Pages } from './pages.js';

interface Refused {
  readonly kind: string;
  readonly message: string;
}
interface Classified {
  readonly answer: { readonly top: readonly { readonly label: string }[]; readonly logits: readonly number[] };
  readonly network: object;
  readonly session: { readonly threads: number };
}

let pages: Pages;
let cat: string;
beforeAll(async () => {
  pages = await openPages();
  cat = await readFile(new URL('../../assets/images/chelsea.png', import.meta.url), 'base64');
}, 60_000);
afterAll(() => pages?.close());

test.each([1, 2])('a classifier in a worker, with %i threads, gives what the one in the page gives', async (threads) => {
  const plain = await pages.call<Classified>('bundle', 'classified', cat, { gates: true, threads });
  const inWorker = await pages.call<Classified>('bundle', 'classified', cat, { gates: true, threads, worker: true });
  expect(inWorker).toEqual(plain);
  expect(inWorker.answer.top[0]).toMatchObject({ label: 'cat' });
  expect(inWorker.session.threads).toBe(threads);
});

test('nothing is compiled or run in the page', async () => {
  expect(await pages.call('bundle', 'classifiedWithoutMemory', cat)).toEqual({ plain: true, label: 'cat' });
});

test('every kind of picture gives the bits that it gives in the page, and stays usable', async () => {
  interface Kinds {
    readonly logits: Readonly<Record<string, readonly number[]>>;
    readonly left: readonly number[];
  }
  const plain = await pages.call<Kinds>('bundle', 'kindsOfPictures', cat, {});
  const inWorker = await pages.call<Kinds>('bundle', 'kindsOfPictures', cat, { worker: true });
  expect(inWorker).toEqual(plain);
  expect(inWorker.left.every((bytes) => bytes > 0)).toBe(true);
});

test('abort, errors and dispose are those of the plain one; the worker ends', async () => {
  const ended: Promise<unknown>[] = [];
  pages.page.on('worker', (worker) => ended.push(worker.waitForEvent('close')));
  const { broken, ...others } = await pages.call<{ readonly broken: Refused }>('bundle', 'refusals', cat);
  const left = { kind: 'PlanError', message: 'the visitor left' };
  const disposed = { error: { kind: 'PlanError', message: 'this session is disposed' } };
  expect(others).toMatchObject({ running: left, waiting: left, reads: 0, other: 'cat', ended: [disposed, disposed] });
  expect(others).toMatchObject({ unsendable: { kind: 'InputError' } });
  expect(broken).toMatchObject({ kind: 'InputError', message: expect.stringContaining('broken.png: ') });
  pages.page.removeAllListeners('worker');
  expect(await Promise.all(ended)).toHaveLength(1);
});

test('in a page without a bundler, whose workers find no packages, it is an UnsupportedError', async () => {
  expect(await pages.call('page', 'created', { worker: true })).toEqual(couldNot('it could not be loaded'));
});

/** The worker's script is answered so. */
const answered =
  (answer: object) =>
  async (page: Page): Promise<void> => {
    await page.route(/classifierWorker/, (route) => route.fulfill(answer));
  };

/** The page's own document has this policy. */
const withPolicy =
  (policy: string) =>
  async (page: Page): Promise<void> => {
    await page.route(/\/$/, async (route) => {
      const response = await route.fetch();
      await route.fulfill({ response, headers: { ...response.headers(), 'content-security-policy': policy } });
    });
  };

const couldNot = (why: string) => ({
  kind: 'UnsupportedError',
  message: expect.stringContaining(`the worker of the classifier did not start: ${why}`),
});

test.each([
  ['whose policy forbids workers', withPolicy(`worker-src 'none'`)],
  ['whose server lost the script', answered({ status: 404 })],
  ['whose server answers with a page', answered({ contentType: 'text/html', body: '<p>' })],
])('in a page %s it is an UnsupportedError too', async (_, prepare) => {
  expect(await pages.callIn(prepare, 'created', { worker: true })).toEqual(couldNot(''));
});

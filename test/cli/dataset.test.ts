import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Dataset, readDataset } from '../../src/cli/dataset.js';
import { InputError } from '../../src/errors.js';
import { labelsOf } from '../../src/pretrained/labels.js';

const imagenet = { count: 1000, labels: await labelsOf('imagenet') };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'senet-dataset-'));
});
afterEach(() => rm(folder, { recursive: true }));

async function files(...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), '');
  }
}

const labelled = ({ examples }: Dataset): readonly (readonly [string, number])[] => examples.map(({ name, label }) => [name, label]);

describe('a folder', () => {
  test('as many class folders as classes: sorted names are indices, and images are found at any depth, in the order of their names', async () => {
    await files('b/2.png', 'b/10.JPEG', 'b/deep/er/3.webp', 'B/1.jpg', 'c/notes.txt', 'ä/1.png', 'stray.png');
    const dataset = await readDataset(folder, { count: 4, labels: undefined });
    expect(labelled(dataset)).toEqual([
      ['B/1.jpg', 0],
      ['b/10.JPEG', 1],
      ['b/2.png', 1],
      ['b/deep/er/3.webp', 1],
      ['ä/1.png', 3],
    ]);
    expect(dataset.examples[0]?.path).toBe(join(folder, 'B', '1.jpg'));
    expect(dataset.names.get(3)).toBe('ä');
  });

  test('some of the classes, by synset or by name', async () => {
    await files('n01440764/1.png', 'n15075141/1.png');
    expect(labelled(await readDataset(folder, imagenet))).toEqual([
      ['n01440764/1.png', 0],
      ['n15075141/1.png', 999],
    ]);
    await files('goldfish/1.png');
    expect(labelled(await readDataset(folder, imagenet))[0]).toEqual(['goldfish/1.png', 1]);
  });

  test('names go before numbers: labels may be in another order than their names', async () => {
    await files('ant/1.png', 'bee/1.png');
    const labels = [{ name: 'bee' }, { name: 'ant' }];
    expect(labelled(await readDataset(folder, { count: 2, labels }))).toEqual([
      ['ant/1.png', 1],
      ['bee/1.png', 0],
    ]);
  });

  test('classes that the network does not have are refused, and so is a name that two classes have', async () => {
    await files('n01440764/1.png', 'n99999999/1.png');
    await expect(readDataset(folder, imagenet)).rejects.toThrow(`${folder}: its 2 folders are neither the network's 1000 classes`);
    await expect(readDataset(folder, imagenet)).rejects.toThrow('n99999999 is not one');
    await rm(join(folder, 'n99999999'), { recursive: true });
    await files('crane/1.png'); // the bird and the machine
    await expect(readDataset(folder, imagenet)).rejects.toThrow('crane is not one');
  });

  test('nothing in it is refused', async () => {
    await files('a/notes.txt');
    await expect(readDataset(folder, { count: 1, labels: undefined })).rejects.toThrow('holds no images');
    await expect(readDataset(join(folder, 'missing'), imagenet)).rejects.toThrow(InputError);
  });
});

describe('a list', () => {
  const list = (text: string, classes = imagenet as Parameters<typeof readDataset>[1]) =>
    writeFile(join(folder, 'val.txt'), text).then(() => readDataset(join(folder, 'val.txt'), classes));

  test('paths are relative to it and may have blanks; labels are indices, synsets or names', async () => {
    const dataset = await list('a b/1.png 65\r\n\n  /abs/2.png\tn01440764  \n3.png goldfish\n');
    expect(dataset.examples).toEqual([
      { name: 'a b/1.png', path: join(folder, 'a b/1.png'), label: 65 },
      { name: '/abs/2.png', path: '/abs/2.png', label: 0 },
      { name: '3.png', path: join(folder, '3.png'), label: 1 },
    ]);
  });

  test.each([
    ['1.png 3\n2.png\n', 'line 2: expected a path and a label'],
    ['1.png 1000\n', "line 1: 1000 is none of the network's 1000 classes"],
    ['1.png -1\n', "line 1: -1 is none of the network's 1000 classes"],
    ['\n\n', 'holds no images'],
  ])('%j: %s', async (text, message) => {
    await expect(list(text)).rejects.toThrow(InputError);
    await expect(list(text)).rejects.toThrow(`${join(folder, 'val.txt')}: ${message}`);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { InputError } from '../../../src/errors.js';
import { type Dataset, readDataset } from '../../../src/node/images/dataset.js';
import { labelsOf } from '../../../src/pretrained/labels.js';

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
    await files('b/2.png', 'b/10.JPEG', 'b/deep/er/3.webp', 'B/1.jpg', 'ä/1.png', 'stray.png');
    const dataset = await readDataset(folder, { count: 3, labels: undefined });
    expect(labelled(dataset)).toEqual([
      ['B/1.jpg', 0],
      ['b/10.JPEG', 1],
      ['b/2.png', 1],
      ['b/deep/er/3.webp', 1],
      ['ä/1.png', 2],
    ]);
    expect(dataset.examples[0]?.path).toBe(join(folder, 'B', '1.jpg'));
    expect(dataset.names.get(2)).toBe('ä');
    expect(dataset.classesBy).toBe('order');
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
    await expect(readDataset(folder, { count: 1, labels: undefined })).rejects.toThrow('holds no images of the class a');
    await rm(join(folder, 'a'), { recursive: true });
    await files('1.png');
    await expect(readDataset(folder, { count: 1, labels: undefined })).rejects.toThrow(
      "holds no images: expected folders, a class each, or a list file of paths and labels in the folder's place, found 1 .png",
    );
    await expect(readDataset(join(folder, 'missing'), imagenet)).rejects.toThrow(InputError);
  });
});

describe('as torchvision’s ImageFolder', () => {
  test('links to folders and to files are followed; by folder, then by name, in the order of code points', async () => {
    await files('a/z.png', 'a/deep/1.png', 'a/deep-er/1.png', 'a/deep/er/1.png', 'a/\u{1f600}.png', 'a/\uffe6.png', 'elsewhere/b/1.png');
    await files('data/.keep');
    await symlink(join('..', 'elsewhere', 'b'), join(folder, 'data', 'b'));
    await symlink(join('..', 'a'), join(folder, 'data', 'a'));
    await symlink(join('..', 'elsewhere', 'b', '1.png'), join(folder, 'a', 'link.png'));
    const dataset = await readDataset(join(folder, 'data'));
    expect(labelled(dataset)).toEqual([
      ['a/link.png', 0],
      ['a/z.png', 0],
      ['a/\uffe6.png', 0],
      ['a/\u{1f600}.png', 0],
      ['a/deep/1.png', 0],
      ['a/deep-er/1.png', 0],
      ['a/deep/er/1.png', 0],
      ['b/1.png', 1],
    ]);
  });

  test('links that lead back are named and end nowhere', async () => {
    await files('a/1.png', 'b/1.png', 'b/c/2.png');
    await symlink('.', join(folder, 'all'));
    await symlink('..', join(folder, 'a', 'up'));
    await symlink('..', join(folder, 'b', 'c', 'b'));
    const dataset = await readDataset(folder);
    expect(labelled(dataset)).toEqual([
      ['a/1.png', 0],
      ['b/1.png', 1],
      ['b/c/2.png', 1],
    ]);
    expect(dataset.passedOver.others).toEqual(['all', 'a/up', 'b/c/b'].map((path) => ({ path, why: 'a link that leads back' })));
  });

  test('folders that links lead to each other from are no work without end', async () => {
    const places = Array.from({ length: 12 }, (_, i) => `p${i}`);
    await files('data/a/1.png', ...places.map((place) => `${place}/1.png`));
    for (const from of places) for (const to of places) if (from !== to) await symlink(join('..', to), join(folder, from, to));
    await symlink(join('..', '..', 'p0'), join(folder, 'data', 'a', 'p0'));
    await expect(readDataset(join(folder, 'data'))).rejects.toThrow('links lead to it more than 16 times');
  });

  test('an empty class is an error that names it and what it holds', async () => {
    await files('a/1.png', 'empty/1.bmp', 'empty/2.BMP', 'empty/read me', 'void/.keep');
    const wrong = readDataset(folder);
    await expect(wrong).rejects.toThrow(InputError);
    await expect(wrong).rejects.toThrow(`${folder}: holds no images of the classes empty, void`);
    await expect(wrong).rejects.toThrow('found 2 .bmp, 1 file without extension, 1 hidden file');
  });

  test('files, hidden folders and links to nothing are no classes, and are named', async () => {
    await files('a/1.png', 'a/._1.png', 'a/2.tif', 'a/.cache/3.png', '.git/1.png', '__MACOSX/a/1.png', 'labels.csv');
    await symlink('nowhere', join(folder, 'gone'));
    execFileSync('mkfifo', [join(folder, 'a', 'pipe.png')]);
    const { examples, names, passedOver } = await readDataset(folder);
    expect([...names.values()]).toEqual(['a']);
    expect(examples.map(({ name }) => name)).toEqual(['a/1.png']);
    expect(passedOver.files.map(({ extension, count }) => `${count} ${extension}`).sort()).toEqual(['1 .csv', '1 .tif', '1 hidden']);
    expect(passedOver.others.map(({ path, why }) => `${path}: ${why}`).sort()).toEqual([
      '.git: hidden',
      '__MACOSX: hidden',
      'a/.cache: hidden',
      'a/pipe.png: neither a file nor a folder',
      'gone: a link to nothing',
    ]);
  });

  test('an image that is a link to nothing is an image that cannot be read', async () => {
    await files('a/1.png');
    await symlink('nowhere.png', join(folder, 'a', '2.png'));
    const { examples, dangling } = await readDataset(folder);
    expect(examples.map(({ name }) => name)).toEqual(['a/1.png', 'a/2.png']);
    expect(dangling).toEqual([join(folder, 'a', '2.png')]);
  });
});

describe('numbers', () => {
  const numbered = (count: number, first = 0, digits = 1) =>
    files(...Array.from({ length: count }, (_, i) => `${String(first + i).padStart(digits, '0')}/1.png`));

  test.each([1, 3])('0 to 11, of %i digits at least, are indices', async (digits) => {
    await numbered(12, 0, digits);
    for (const classes of [undefined, { count: 12, labels: undefined }]) {
      const dataset = await readDataset(folder, classes);
      expect(dataset.classesBy).toBe('index');
      for (const { name, label } of dataset.examples) expect(label).toBe(Number.parseInt(name, 10));
      expect([...dataset.names.values()].map(Number)).toEqual([...Array(12).keys()]);
    }
  });

  test('1 to 12 are names like others, and it is said', async () => {
    await numbered(12, 1);
    const dataset = await readDataset(folder, { count: 12, labels: undefined });
    expect(dataset.classesBy).toBe('order');
    expect(labelled(dataset).slice(0, 3)).toEqual([
      ['1/1.png', 0],
      ['10/1.png', 1],
      ['11/1.png', 2],
    ]);
  });

  test('a network’s names go before numbers', async () => {
    await numbered(3);
    const labels = ['2', '0', '1'].map((name) => ({ name }));
    expect(labelled(await readDataset(folder, { count: 3, labels }))).toEqual([
      ['0/1.png', 1],
      ['1/1.png', 2],
      ['2/1.png', 0],
    ]);
  });

  test('names of which only some are the network’s do not count in an order that contradicts them', async () => {
    await files('cat/1.png', 'dog/1.png', 'eel/1.png');
    const labelsOfThree = (...names: readonly string[]) => ({ count: 3, labels: names.map((name) => ({ name })) });
    expect((await readDataset(folder, labelsOfThree('cat', 'dog', 'fish'))).classesBy).toBe('order');
    await expect(readDataset(folder, labelsOfThree('ape', 'cat', 'dog'))).rejects.toThrow(
      "eel is none of the network's classes, and by the order of their names cat would not be its class 1",
    );
  });
});

test('two folders may be of one class', async () => {
  await files('n01440764/1.png', 'tench/2.png');
  expect(labelled(await readDataset(folder, imagenet))).toEqual([
    ['n01440764/1.png', 0],
    ['tench/2.png', 0],
  ]);
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

  test.each<[string, string, readonly (readonly [name: string, label: number])[]]>([
    [
      'a table',
      '1.png,65\n2.png, goldfish\n',
      [
        ['1.png', 65],
        ['2.png', 1],
      ],
    ],
    ['below a header, of a spreadsheet', '\uFEFFfile;label\r\na b,c.png;2\r\n', [['a b,c.png', 2]]],
    ['quoted', '"filename","class"\n"a ""b"".png","great white shark"\n', [['a "b".png', 2]]],
    ['apart by tabs', '1.png\tgreat white shark\n', [['1.png', 2]]],
    [
      'commas in a path',
      'a,b.png 3\nc, 4.png goldfish\n',
      [
        ['a,b.png', 3],
        ['c, 4.png', 1],
      ],
    ],
    [
      'lines of an old Macintosh',
      '1.png 3\r2.png 4',
      [
        ['1.png', 3],
        ['2.png', 4],
      ],
    ],
  ])('%s', async (_, text, expected) => {
    expect((await list(text)).examples.map(({ name, label }) => [name, label])).toEqual(expected);
  });

  test.each([
    ['1.png,label\n', "line 1: label is none of the network's 1000 classes"],
    ['1.png,3\nfile,label\n', "line 2: label is none of the network's 1000 classes"],
    ['1.png 3\n2.png\n', 'line 2: expected a path and a label'],
    ['1.png 1000\n', "line 1: 1000 is none of the network's 1000 classes"],
    ['1.png -1\n', "line 1: -1 is none of the network's 1000 classes"],
    ['\n\n', 'holds no images'],
  ])('%j: %s', async (text, message) => {
    await expect(list(text)).rejects.toThrow(InputError);
    await expect(list(text)).rejects.toThrow(`${join(folder, 'val.txt')}: ${message}`);
  });
});

import { join } from 'node:path';
import { parseLabels } from '../../src/io/labels.js';
import { readText } from '../../src/node/files.js';
import { readDataset } from '../../src/node/images/dataset.js';
import { text } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';
import { bulkJson, nearlyJson } from '../make/json.js';
import { mutated } from '../make/mutate.js';
import type { Reader } from '../reader.js';

/** Files of labels, and lists of images. */

const bulkOnce = 300;
const sizes = [2 ** 14, 2 ** 17, 2 ** 19];
const words = [
  'tench',
  'n01440764',
  'n01440764 tench, Tinca tinca',
  '0',
  '1',
  '9',
  '-1',
  '007',
  '1e3',
  'a.png',
  'a b.png',
  '',
  ' ',
  '\t',
  '\0',
  '\u00a0',
  '\u2028',
  '#',
  "'",
  '"',
  ':',
  '{',
  '}',
  '[',
  '../x',
  '/etc/passwd',
  'constructor',
  '__proto__',
  'nan',
  '\u001b[2J',
  '\ud83d\ude00',
];
const ends = ['\n', '\n', '\n', '\r\n', '\r', '\n\n', ''];

const lines = (draw: Draw): Uint8Array =>
  text(draw.several(12, () => draw.several(4, () => draw.pick(words)).join(draw.pick([' ', ' ', '\t', '  '])) + draw.pick(ends)).join(''));

/** Long lines of one thing, which an expression may try in ever so many ways. */
const bulkLines = (draw: Draw): Uint8Array => {
  const size = draw.pick(sizes);
  const unit = draw.pick([
    ' ',
    '\t',
    '\n',
    '\r',
    'a ',
    'a',
    ' \n',
    'n01440764 ',
    '0',
    '\u00a0',
    '"',
    "'a', ",
    '{',
    'a:',
    '\r\n',
    '\ufeff',
    ',',
    "0: 'a', ",
  ]);
  const before = draw.pick(['', 'a', 'n01440764', '{', '[', 'a ']);
  return text(before + unit.repeat(size / unit.length) + draw.pick(['', 'a', '\n', ' 1', '}', '\0']));
};

/** As people save text: with a mark, in two bytes a character, or in Latin-1. */
const encoded = (file: Uint8Array, draw: Draw): Uint8Array => {
  if (!draw.once(8)) return file;
  const content = Buffer.from(file).toString();
  return new Uint8Array(Buffer.from(draw.once(2) ? `\ufeff${content}` : content, draw.pick(['utf8', 'utf16le', 'latin1'])));
};

const goodLabels = [
  '["tench","goldfish","n01440764 shark"]',
  '{"0":["n01440764","tench"],"1":["n01443537","goldfish"]}',
  '{"0":"tench","1":"goldfish","2":"shark"}',
  '{"tench":0,"goldfish":1}',
  '{"id2label":{"0":"tench","1":"goldfish"},"label2id":{"tench":0,"goldfish":1},"architectures":["X"]}',
];
const python = ["{0: 'tench, Tinca tinca',\n 1: 'goldfish',\n 2: \"a'b\"}", "{0: u'a', 1: 'b\\'c'}", "['a', 'b']"];

const places = ['/a/airfield 0\n/d/diner/outdoor 1\n/a/alley 2\n', 'n01440764 tench, Tinca tinca 0\n/a/airfield 1'];

export async function openLabels(): Promise<Reader> {
  const make = (draw: Draw): Uint8Array => {
    if (draw.once(bulkOnce)) return draw.once(2) ? bulkJson(draw.pick(sizes), draw) : bulkLines(draw);
    const kind = draw.whole(0, 4);
    if (kind === 0) return mutated(text(draw.pick(python)), draw);
    if (kind === 3) return mutated(text(draw.pick(places)), draw);
    return kind === 1 ? lines(draw) : nearlyJson(draw.pick(goodLabels), draw);
  };
  return {
    make: (draw) => ({ labels: encoded(make(draw), draw) }),
    async read(files, place) {
      for (const { name } of parseLabels(await readText(join(place.write(files), 'labels'))))
        if (typeof name !== 'string') throw new Error(`a name is ${typeof name}`);
    },
  };
}

/** Lists of images, and folders of class folders, of a network of three classes. */
export async function openLists(): Promise<Reader> {
  const labels = [{ name: 'tench, Tinca tinca', synset: 'n01440764' }, { name: 'goldfish' }, { name: 'constructor' }];
  const image = text('no pixels are read');
  const folders = [
    '0',
    '1',
    '2',
    '007',
    'tench',
    'goldfish',
    'constructor',
    '__proto__',
    '.hidden',
    'a b',
    '*',
    '{a,b}',
    '[a]',
    '!a',
    '\u001b[2J',
    '-',
  ];
  const names = ['a.png', 'a.PNG', '.a.png', 'b.jpeg', 'c.bmp', 'd', '{.webp', '*.png', 'deep/er/a.png'];
  return {
    make(draw) {
      if (draw.once(bulkOnce)) return { list: bulkLines(draw) };
      if (!draw.once(4)) return { list: encoded(draw.once(6) ? mutated(text('a.png 0\nb c.png 1\n'), draw) : lines(draw), draw) };
      return Object.fromEntries(draw.several(5, () => [`folder/${draw.pick(folders)}/${draw.pick(names)}`, image] as const));
    },
    async read(files, place) {
      const path = place.write(files);
      await readDataset(join(path, 'list' in files ? 'list' : 'folder'), { count: 3, labels });
    },
  };
}

import { filters } from '../../src/io/resize.js';
import type { Browsed, PixelsResult } from './measure.js';
import { type Path, paths } from './paths.js';

/** docs/pixels.md: what to conclude, and two tables of what browsers do to pixels. */
export function pixelsMarkdown({ date, browsers, missing }: PixelsResult): string {
  const kinds = Object.keys(browsers[0]?.decoded ?? {});
  const ways = Object.keys(browsers[0]?.resized ?? {});
  const exact = (kind: string): boolean => browsers.every(({ decoded }) => decoded[kind]?.bitmapAsStored === '0');
  const columns = browsers.flatMap((browsed) => (Object.keys(paths) as Path[]).map((path) => ({ browsed, path })));
  const lines = [
    '# What browsers do to pixels',
    '',
    "A network's answer depends on its pixels. Published networks were trained and measured on Pillow's, so those are what pictures are held to here. `npm run pixels` wrote this page",
    `on ${date}: ${browsers.map(({ browser }) => browser).join(', ')}.${missing.map((why) => ` Not here: ${why}.`).join('')}`,
    '',
    '## What to do',
    '',
    '| you have | hand in | its pixels |',
    '| --- | --- | --- |',
    "| a file: bytes, a `Blob`, a `File` | that | **exact**: our decoders give Pillow's bits, for every kind and in every browser |",
    "| a file whose kind has a 0 below | `await createImageBitmap(blob, { colorSpaceConversion: 'none' })` | **the fast path**: the browser's own decoder, and the same bits; of other kinds it has others |",
    '| what the page shows: an image, canvas, video, camera | that | what the browser shows: its decoder, its colours |',
    '',
    '| the fast path is | for |',
    '| --- | --- |',
    row(['exact', list(kinds.filter(exact))]),
    row(['not exact', list(kinds.filter((kind) => !exact(kind)))]),
    '',
    "Without `colorSpaceConversion: 'none'`, and in an `<img>`, the browser applies a colour profile and a gamma. Pillow and torchvision apply neither. A canvas keeps colours multiplied by",
    'alpha, so the colours of transparent pixels are lost, whichever way they came.',
    '',
    "**Resizing is always ours.** No browser's is Pillow's, as the second table has it. So a picture is drawn at its full size, one to one. Do not ask `createImageBitmap` for another size, and",
    'do not draw a picture smaller first.',
    '',
    '## Decoding',
    '',
    "What the classifier reads, against Pillow's `convert('RGB')`, turned upright as EXIF says. 0 is the same bits; other cells have the largest difference, of 255 levels, and the share of",
    'pixels that differ. Files are those of `test/fixtures/preprocess`, on which `npm test` holds our decoders to Pillow. Two of them are changed for this page: Display P3 is put in, and a',
    "palette's transparency is taken out.",
    '',
    row(['file', ...columns.map(({ browsed, path }) => `${short(browsed)}: ${paths[path]}`)]),
    row(['---', ...columns.map(() => '---:')]),
    ...kinds.map((kind) => row([kind, ...columns.map(({ browsed, path }) => browsed.decoded[kind]?.[path] ?? '')])),
    '',
    '## Resizing',
    '',
    "A photograph of 640×480, resized to 298×224, against Pillow's filters.",
    '',
    row(['resized by', ...browsers.flatMap((browsed) => filters.map((filter) => `${short(browsed)}, against ${filter}`))]),
    row(['---', ...browsers.flatMap(() => filters.map(() => '---:'))]),
    ...ways.map((way) => row([way, ...browsers.flatMap(({ resized }) => filters.map((filter) => resized[way]?.[filter] ?? ''))])),
    '',
    'Both browsers ran without a screen and without a GPU, and canvases are in memory of the processor (`willReadFrequently`). Ours is held to Pillow by `npm test`: the difference is 0.',
  ];
  return `${lines.join('\n')}\n`;
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;

/** Kinds have commas in them. */
const list = (kinds: readonly string[]): string => (kinds.length === 0 ? 'none' : kinds.join('; '));

const short = ({ browser }: Browsed): string => browser.split(' ', 1)[0] as string;

import { crc32, deflateSync } from 'node:zlib';
import { concatBytes, text, u8, u32 } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';
import type { Extent } from '../reader.js';
import { rawProfile, tiff, xmp } from './exif.js';
import { mutated } from './mutate.js';

/** PNG files of the right chunks in any order, with the right CRCs. */

const be = (value: number): Uint8Array => u32(value >>> 0).reverse();
const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export function chunk(name: string, content: Uint8Array): Uint8Array {
  const body = concatBytes([text(name), content]);
  return concatBytes([be(content.length), body, be(crc32(body))]);
}

interface Kind {
  readonly colourType: number;
  readonly depth: number;
  readonly channels: number;
}
const kinds: readonly Kind[] = [
  ...[1, 2, 4, 8, 16].map((depth) => ({ colourType: 0, depth, channels: 1 })),
  ...[8, 16].map((depth) => ({ colourType: 2, depth, channels: 3 })),
  ...[1, 2, 4, 8].map((depth) => ({ colourType: 3, depth, channels: 1 })),
  ...[8, 16].map((depth) => ({ colourType: 4, depth, channels: 2 })),
  ...[8, 16].map((depth) => ({ colourType: 6, depth, channels: 4 })),
];

/** Rows of a filter's number and as many bytes as they take, or not quite as many. */
function pixelData({ depth, channels }: Kind, width: number, height: number, draw: Draw): Uint8Array {
  const row = Math.ceil((width * depth * channels) / 8);
  const rows = Array.from({ length: height }, () =>
    concatBytes([u8(draw.once(40) ? draw.whole(5, 255) : draw.whole(0, 4)), draw.bytes(row)]),
  );
  const data = concatBytes(rows);
  if (draw.once(6)) return data.subarray(0, draw.whole(0, data.length));
  return draw.once(12) ? concatBytes([data, draw.bytes(draw.whole(1, 30))]) : data;
}

const latin = (value: string): Uint8Array => Uint8Array.from(Buffer.from(value, 'latin1'));
const packed = (content: Uint8Array): Uint8Array => new Uint8Array(deflateSync(content));

/** Chunks that say something beside the pixels. */
const extras: readonly ((draw: Draw) => Uint8Array)[] = [
  (draw) => chunk('tRNS', draw.bytes(draw.pick([0, 1, 2, 3, 4, 6, 7, 256, 300]))),
  (draw) => chunk('PLTE', draw.bytes(draw.pick([0, 3, 6, 768, 769, 771, 4]))),
  (draw) => chunk('gAMA', draw.bytes(draw.pick([4, 4, 0, 3]))),
  (draw) => chunk('bKGD', draw.bytes(draw.whole(0, 6))),
  (draw) => chunk('sBIT', draw.bytes(draw.whole(0, 4))),
  (draw) => chunk('pHYs', draw.bytes(draw.pick([9, 0, 8]))),
  (draw) => chunk('tIME', draw.bytes(draw.pick([7, 0]))),
  (draw) =>
    chunk(
      'iCCP',
      concatBytes([
        latin(draw.pick(['p\0\0', '', 'p\0\x01', `${'x'.repeat(90)}\0\0`])),
        draw.once(2) ? packed(draw.bytes(40)) : draw.bytes(20),
      ]),
    ),
  (draw) => chunk('tEXt', concatBytes([latin(draw.pick(['Comment\0', '\0', '', `${'k'.repeat(100)}\0`])), draw.bytes(draw.whole(0, 30))])),
  (draw) =>
    chunk(
      'zTXt',
      concatBytes([latin(draw.pick(['Raw profile type exif\0\0', 'a\0\x05'])), draw.once(6) ? draw.bytes(9) : packed(rawProfile(draw))]),
    ),
  (draw) => chunk('tEXt', concatBytes([latin('Raw profile type exif\0'), rawProfile(draw)])),
  (draw) => chunk('iTXt', concatBytes([latin(draw.pick(['XML:com.adobe.xmp\0\0\0\0\0', 'XML:com.adobe.xmp\0\0\0', 'a\0'])), xmp(draw)])),
  (draw) => chunk('iTXt', concatBytes([latin('XML:com.adobe.xmp\0\x01\0\0\0'), packed(xmp(draw))])),
  (draw) => chunk('eXIf', tiff(draw)),
  (draw) =>
    chunk(draw.pick(['acTL', 'fcTL', 'fdAT', 'abCd', 'ABCD', 'IEND', 'IHDR', 'hIST', 'sPLT', 'cHRM']), draw.bytes(draw.whole(0, 30))),
  () => chunk('IDAT', new Uint8Array(0)),
];

function header({ colourType, depth }: Kind, width: number, height: number, draw: Draw): Uint8Array {
  const content = concatBytes([be(width), be(height), u8(depth), u8(colourType), u8(0), u8(0), u8(0)]);
  if (draw.once(10)) content[draw.whole(0, 12)] = draw.pick([0, 1, 2, 3, 7, 16, 127, 255]);
  return chunk('IHDR', draw.once(40) ? content.subarray(0, draw.whole(0, 12)) : content);
}

/** The data in one chunk or several. */
function dataChunks(data: Uint8Array, draw: Draw): Uint8Array[] {
  const cut = draw.once(2) ? data.length : draw.whole(0, data.length);
  return [data.subarray(0, cut), data.subarray(cut)].filter(({ length }) => length > 0).map((part) => chunk('IDAT', part));
}

export function png(draw: Draw): Uint8Array {
  const kind = draw.pick(kinds);
  const [width, height] = [draw.whole(1, draw.once(2) ? 3 : 20), draw.whole(1, draw.once(2) ? 3 : 20)];
  let data: Uint8Array = packed(pixelData(kind, width, height, draw));
  if (draw.once(8)) data = mutated(data, draw);
  const palette = kind.colourType === 3 && !draw.once(12) ? [chunk('PLTE', draw.bytes(3 * draw.whole(1, 2 ** kind.depth)))] : [];
  const chunks = [
    header(kind, width, height, draw),
    ...draw.several(2, () => draw.pick(extras)(draw)),
    ...palette,
    ...draw.several(2, () => draw.pick(extras)(draw)),
    ...dataChunks(data, draw),
    ...draw.several(1, () => draw.pick(extras)(draw)),
    ...(draw.once(8) ? [] : [chunk('IEND', new Uint8Array(0))]),
  ];
  if (draw.once(10)) chunks.splice(draw.whole(0, chunks.length - 1), 1);
  if (draw.once(10)) chunks.push(...chunks.splice(draw.whole(0, chunks.length - 1), 1));
  const file = concatBytes([signature, ...chunks]);
  return draw.once(8) ? mutated(file, draw) : file;
}

const rgb: Kind = { colourType: 2, depth: 8, channels: 3 };

/** Large ones, and ones that claim to be. */
export function bulkPng(size: number, draw: Draw): Uint8Array {
  const end = chunk('IEND', new Uint8Array(0));
  const of = (width: number, height: number, kind: Kind, ...chunks: readonly Uint8Array[]): Uint8Array => {
    const content = concatBytes([be(width), be(height), u8(kind.depth), u8(kind.colourType), u8(0), u8(0), u8(0)]);
    return concatBytes([signature, chunk('IHDR', content), ...chunks, end]);
  };
  const small = chunk('IDAT', packed(Uint8Array.of(0, 1, 2, 3)));
  const zeros = (bytes: number): Uint8Array => packed(new Uint8Array(bytes));
  const repeat = (part: Uint8Array): Uint8Array => concatBytes(Array(Math.ceil(size / part.length)).fill(part));
  return draw.pick([
    () => of(1, 1, rgb, chunk('IDAT', zeros(64 * size))), // far more than the header says
    () => of(1, 1, rgb, chunk('zTXt', concatBytes([text('a\0\0'), zeros(64 * size)])), small),
    () => of(1, 1, rgb, chunk('iCCP', concatBytes([text('a\0\0'), zeros(64 * size)])), small),
    () => of(1, 1, rgb, chunk('iTXt', concatBytes([latin('XML:com.adobe.xmp\0\x01\0\0\0'), zeros(64 * size)])), small),
    () => of(1, 1, rgb, chunk('tEXt', concatBytes([text('a\0'), new Uint8Array(size).fill(97)])), small),
    () => of(1, 1, rgb, chunk('iTXt', concatBytes([latin('XML:com.adobe.xmp\0\0\0\0\0'), new Uint8Array(size).fill(32)])), small),
    () => of(1, 1, rgb, chunk('iTXt', concatBytes([latin('XML:com.adobe.xmp\0\0\0\0\0'), repeat(text(' tiff:Orientation='))])), small),
    () => of(1, 1, rgb, chunk('eXIf', concatBytes([text('II*\0'), u32(8), Uint8Array.of(255, 255), new Uint8Array(size)])), small),
    () => of(1, 1, rgb, repeat(chunk('abCd', new Uint8Array(0))), small),
    () => of(1, 1, rgb, repeat(chunk('tEXt', text('a\0b'))), small),
    () => of(1, 1, rgb, repeat(chunk('IDAT', new Uint8Array(0))), small),
    () => of(256, Math.ceil(size / 256), { ...rgb, colourType: 0 }, chunk('IDAT', zeros(257 * Math.ceil(size / 256)))),
    () => of(2 ** 14, 2 ** 14, { colourType: 0, depth: 1, channels: 1 }, chunk('IDAT', zeros(32 * size))), // which ends too early
  ])();
}

/** What the header says; undefined for what is no PNG. */
export function pngExtent(file: Uint8Array): Extent | undefined {
  if (file.length < 33 || file[0] !== 0x89) return undefined;
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const channels = kinds.find(({ colourType }) => colourType === file[25])?.channels ?? 0;
  return { width: view.getUint32(16), height: view.getUint32(20), bitsPerPixel: channels * (file[24] as number), mostPerByte: 8 * 1032 };
}

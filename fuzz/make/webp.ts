import { concatBytes, text, u32 } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';
import type { Extent } from '../reader.js';
import { tiff, xmp } from './exif.js';

/** WebP files of the right chunks in any order. */

interface Chunk {
  readonly name: string;
  readonly content: Uint8Array;
}

export function chunksOf(file: Uint8Array): readonly Chunk[] {
  const view = new DataView(file.buffer, file.byteOffset, file.length);
  const chunks: Chunk[] = [];
  for (let at = 12; at + 8 <= file.length; ) {
    const length = view.getUint32(at + 4, true);
    chunks.push({ name: Buffer.from(file.subarray(at, at + 4)).toString('latin1'), content: file.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return chunks;
}

const write = ({ name, content }: Chunk, length = content.length): Uint8Array =>
  concatBytes([text(name), u32(length), content, new Uint8Array(content.length % 2)]);

const riff = (chunks: readonly Uint8Array[], length?: number): Uint8Array => {
  const body = concatBytes([text('WEBP'), ...chunks]);
  return concatBytes([text('RIFF'), u32(length ?? body.length), body]);
};

const extras: readonly ((draw: Draw) => Chunk)[] = [
  (draw) => ({ name: 'EXIF', content: draw.once(3) ? concatBytes([text('Exif\0\0'), tiff(draw)]) : tiff(draw) }),
  (draw) => ({ name: 'XMP ', content: xmp(draw) }),
  (draw) => ({ name: 'VP8X', content: draw.bytes(draw.pick([10, 10, 9, 0])) }),
  (draw) => ({ name: draw.pick(['ICCP', 'ANIM', 'ANMF', 'ALPH', 'abcd', 'VP8 ', 'VP8L']), content: draw.bytes(draw.whole(0, 40)) }),
];

export function webp(good: Uint8Array, draw: Draw): Uint8Array {
  const chunks = [...chunksOf(good)];
  for (let i = draw.whole(0, 3); i > 0 && chunks.length > 0; i--) {
    const at = draw.whole(0, chunks.length - 1);
    const kind = draw.whole(0, 5);
    const chunk = chunks[at] as Chunk;
    if (kind === 0) chunks.splice(at, 1);
    else if (kind <= 2) chunks.splice(at, 0, draw.pick(extras)(draw));
    else if (kind === 3) chunks.push(...chunks.splice(at, 1));
    else {
      const content = chunk.content.slice();
      content[draw.whole(0, Math.min(content.length, 12))] = draw.whole(0, 255);
      chunks[at] = { ...chunk, content };
    }
  }
  const parts = chunks.map((chunk) => (draw.once(30) ? write(chunk, draw.pick([0, 1, 2 ** 31, 0xffffffff])) : write(chunk)));
  return draw.once(12) ? riff(parts, draw.pick([0, 4, 12, 2 ** 31, 0xffffffff])) : riff(parts);
}

export function bulkWebp(good: Uint8Array, size: number, draw: Draw): Uint8Array {
  const chunks = chunksOf(good).map((chunk) => write(chunk));
  const many = (chunk: Chunk): Uint8Array[] => Array(Math.ceil(size / (chunk.content.length + 8))).fill(write(chunk));
  const large = chunks.map((chunk) => {
    const copy = chunk.slice();
    if (copy[3] === 0x20) copy.set([0xff, 0x3f, 0xff, 0x3f], 14); // VP8: 14 bits of width and height
    if (copy[3] === 0x4c) copy.set([0xff, 0xff, 0xff, 0x0f], 9); // VP8L
    return copy;
  });
  return draw.pick([
    () => riff([...many({ name: 'abcd', content: new Uint8Array(0) }), ...chunks]),
    () => riff([...chunks, ...many({ name: 'EXIF', content: tiff(draw) })]),
    () => riff([...chunks, write({ name: 'XMP ', content: new Uint8Array(size).fill(32) })]),
    () => riff(large),
    () => riff([...large, write({ name: 'abcd', content: new Uint8Array(size) })]),
  ])();
}

/** The largest picture that a chunk says it has; undefined for what is no WebP. */
export function webpExtent(file: Uint8Array): Extent | undefined {
  if (file[0] !== 0x52 || file.length < 30) return undefined;
  const extents = chunksOf(file).flatMap(({ name, content }) => {
    if (content.length < 10) return [];
    const view = new DataView(content.buffer, content.byteOffset, content.length);
    if (name === 'VP8 ') return [[view.getUint16(6, true) & 0x3fff, view.getUint16(8, true) & 0x3fff] as const];
    const bits = view.getUint32(1, true);
    return name === 'VP8L' ? [[(bits & 0x3fff) + 1, ((bits >> 14) & 0x3fff) + 1] as const] : [];
  });
  const [width, height] = extents.reduce((most, one) => (one[0] * one[1] > most[0] * most[1] ? one : most), [0, 0] as const);
  return { width, height, bitsPerPixel: 64, mostPerByte: 2 ** 28 }; // one colour takes a few bytes, whatever its extents
}

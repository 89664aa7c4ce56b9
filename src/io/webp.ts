import { InputError } from '../errors.js';
import { checkClaim } from './claim.js';
import { dropAlpha } from './decoders.js';
import { startCodec } from './jsquash.js';
import type { Pixels } from './resize.js';

const ascii = (bytes: Uint8Array, at: number): string => String.fromCharCode(...bytes.subarray(at, at + 4));

/** RIFF, the length of the rest, WEBP (RFC 9649, §2.4). */
export const isWebp = (bytes: Uint8Array): boolean => ascii(bytes, 0) === 'RIFF' && ascii(bytes, 8) === 'WEBP';

/** A chunk of the container: name 4, length 4, contents, a byte of padding after an odd length. */
export interface Chunk {
  readonly name: string;
  readonly contents: Uint8Array;
}

/** @throws InputError if a chunk, or the file as a whole, is cut off. */
export function webpChunks(bytes: Uint8Array): readonly Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = bytes.length < 12 ? Number.POSITIVE_INFINITY : 8 + view.getUint32(4, true);
  if (end > bytes.length) throw new InputError(`the WebP is truncated: it ends after ${bytes.length} bytes`);
  return chunksFrom(bytes, 12, end);
}

/** @throws InputError if one is cut off */
function chunksFrom(bytes: Uint8Array, begin: number, end: number): readonly Chunk[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: Chunk[] = [];
  for (let at = begin; at < end; ) {
    const length = at + 8 <= end ? view.getUint32(at + 4, true) : Number.POSITIVE_INFINITY;
    if (at + 8 + length > end) throw new InputError(`the WebP is damaged: the chunk at byte ${at} does not fit in`);
    chunks.push({ name: ascii(bytes, at), contents: bytes.subarray(at + 8, at + 8 + length) });
    at += 8 + length + (length % 2);
  }
  return chunks;
}

interface WebpProgram {
  decode(bytes: Uint8Array): ImageData | null;
}

/** Above what libwebp's encoder makes of blank images: a hundred bytes that claim millions of pixels are none. The formats themselves know no limit. */
const pixelsPerByte = { 'VP8 ': 2 ** 11, VP8L: 2 ** 15 } as const;

/** A lossless image of one colour takes no bit a pixel, and 4K of it are 38 bytes: so many are taken of any file. */
const anyway = { 'VP8 ': 0, VP8L: 2 ** 23 } as const;

/**
 * The RGB pixels of a WebP, lossy or lossless, as PIL's `convert('RGB')` gives them: alpha is dropped, no colour profile is applied, and of an animation the
 * first frame is taken.
 *
 * @throws InputError if the file is damaged or truncated; UnsupportedError if the decoder does not start.
 */
export async function decodeWebp(bytes: Uint8Array): Promise<Pixels> {
  const chunks = webpChunks(bytes);
  const image = firstOf(chunks, ['VP8 ', 'VP8L', 'ANMF']);
  return image.name === 'ANMF' ? await decodeFrame(bytes.length, chunks, image) : decodeStill(bytes, image);
}

/** @throws InputError if there is none */
function firstOf(chunks: readonly Chunk[], names: readonly string[]): Chunk {
  const image = chunks.find(({ name }) => names.includes(name));
  if (image === undefined) throw new InputError('the WebP is damaged: it holds no image');
  return image;
}

/** `image` is the chunk of the file that the decoder will find. */
async function decodeStill(bytes: Uint8Array, image: Chunk): Promise<Pixels> {
  const form = image.name as keyof typeof pixelsPerByte;
  checkClaim({ ...extentsOf(image), bytes: bytes.length, pixelsPerByte: pixelsPerByte[form], anyway: anyway[form] });
  const { default: factory } = await import('@jsquash/webp/codec/dec/webp_dec.js');
  const { program } = await startCodec<WebpProgram>('webp', factory); // an instance an image: its memory never shrinks, and damage may trap it
  let rgba: ImageData | null = null;
  let fault: unknown;
  try {
    rgba = program.decode(bytes);
  } catch (cause) {
    fault = cause;
  }
  if (!rgba) throw new InputError('the WebP is damaged: it cannot be decoded', { cause: fault });
  return { width: rgba.width, height: rgba.height, data: dropAlpha(rgba.data) };
}

/** RFC 6386, §9.1: after a frame tag of 3 bytes and 3 of start code, 14 bits each; RFC 9649, §3.4: after a signature, 14 bits each, less 1. */
function extentsOf({ name, contents }: Chunk): { readonly width: number; readonly height: number } {
  if (contents.length < 10) throw new InputError('the WebP is truncated: its image has no header');
  const view = new DataView(contents.buffer, contents.byteOffset, contents.byteLength);
  if (name === 'VP8 ') return { width: view.getUint16(6, true) & 0x3fff, height: view.getUint16(8, true) & 0x3fff };
  const bits = view.getUint32(1, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
}

/** Three bytes, the lowest first. */
const uint24 = (bytes: Uint8Array, at: number): number =>
  (bytes[at] as number) | ((bytes[at + 1] as number) << 8) | ((bytes[at + 2] as number) << 16);

/**
 * A frame on the canvas of an animation, which is black where the frame leaves it: PIL's is transparent black (RFC 9649, §2.7.1.1 and §2.7.1.3). Its alpha, a chunk by
 * itself in a lossy one, is not needed.
 *
 * @throws InputError for a canvas out of proportion to the `size` of the file, and a frame that does not lie within it
 */
async function decodeFrame(size: number, chunks: readonly Chunk[], { contents }: Chunk): Promise<Pixels> {
  const [header] = chunks; // of an animation, VP8X (RFC 9649, §2.7)
  const canvas = header?.contents;
  if (header?.name !== 'VP8X' || canvas === undefined || canvas.length < 10 || contents.length < 16)
    throw new InputError('the WebP is damaged: expected the sizes of its canvas and of its first frame');
  const [width, height] = [uint24(canvas, 4) + 1, uint24(canvas, 7) + 1];
  checkClaim({ width, height, bytes: size, pixelsPerByte: pixelsPerByte.VP8L, anyway: anyway.VP8L });
  const [left, top] = [2 * uint24(contents, 0), 2 * uint24(contents, 3)];

  const image = firstOf(chunksFrom(contents, 16, contents.length), ['VP8 ', 'VP8L']);
  const frame = await decodeStill(fileOf(image), image);
  if (left + frame.width > width || top + frame.height > height)
    throw new InputError(
      `the WebP is damaged: expected its first frame within ${width}×${height} pixels, found ${frame.width}×${frame.height} at ${left}, ${top}`,
    );
  if (frame.width === width && frame.height === height) return frame;
  const data = new Uint8Array(3 * width * height);
  for (let row = 0; row < frame.height; row++)
    data.set(frame.data.subarray(3 * row * frame.width, 3 * (row + 1) * frame.width), 3 * ((top + row) * width + left));
  return { width, height, data };
}

/** A file of one image. */
function fileOf({ name, contents }: Chunk): Uint8Array {
  const padded = contents.length + (contents.length % 2);
  const file = new Uint8Array(20 + padded);
  const view = new DataView(file.buffer);
  file.set(new TextEncoder().encode('RIFF'), 0);
  view.setUint32(4, 12 + padded, true);
  file.set(new TextEncoder().encode(`WEBP${name}`), 8);
  view.setUint32(16, contents.length, true);
  file.set(contents, 20);
  return file;
}

/**
 * The pixels of JPEG, PNG and WebP files.
 * @module senet/image
 */

import { InputError } from '../errors.js';
import { decodeJpeg, jpegSignature } from './jpeg.js';
import { orient, orientationOf } from './orientation.js';
import { decodePng, pngSignature } from './png.js';
import type { Pixels } from './resize.js';
import { bytesOf } from './source.js';
import { decodeWebp, isWebp } from './webp.js';

export interface DecodeOptions {
  /** The file's name, for messages. */
  readonly file?: string;
  /** Turn the image upright, as the orientation in its EXIF or XMP says. torchvision does not. @defaultValue false */
  readonly orient?: boolean;
  /**
   * Read what there is of a damaged or truncated PNG or JPEG, as PIL does with LOAD_TRUNCATED_IMAGES; pixels that are missing are black or grey.
   * @defaultValue false
   */
  readonly tolerant?: boolean;
}

/**
 * The RGB pixels of a JPEG, PNG or WebP file, told apart by their first bytes, equal to what PIL's `Image.open(…).convert('RGB')` gives;
 * with `orient`, to what `ImageOps.exif_transpose` makes of that. Of an animation it is the first frame. Colour profiles are not applied: torchvision does not either.
 *
 * It works in Node, Deno, Bun, pages and workers, bundled or not: the decoders' WebAssembly is part of the package.
 *
 * @throws InputError, naming the file, if it is none of these, damaged, truncated, or of a kind that is not read (16-bit grey, a JPEG of arithmetic
 *   coding or without its last scans); UnsupportedError if a decoder does not start.
 */
export async function decodeImage(
  bytes: Uint8Array | ArrayBuffer,
  { file, orient: upright, tolerant = false }: DecodeOptions = {},
): Promise<Pixels> {
  try {
    const plain = bytesOf(bytes);
    const pixels = await decode(plain, tolerant);
    return upright ? orient(pixels, await orientationOf(plain)) : pixels;
  } catch (error) {
    if (!(error instanceof InputError) || file === undefined) throw error;
    throw new InputError(`${file}: ${error.message}`, { cause: error.cause });
  }
}

async function decode(bytes: Uint8Array, tolerant: boolean): Promise<Pixels> {
  if (startsWith(bytes, jpegSignature)) return await decodeJpeg(bytes, tolerant);
  if (startsWith(bytes, pngSignature)) return await decodePng(bytes, tolerant);
  if (isWebp(bytes)) return await decodeWebp(bytes);
  throw new InputError(`expected a JPEG, PNG or WebP image, found ${describe(bytes)}`);
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);

/** Formats that people also call photographs: their first bytes, as Latin-1, from an offset. */
const others: readonly (readonly [name: string, offset: number, start: RegExp])[] = [
  ['a GIF image', 0, /^GIF8/],
  ['a BMP image', 0, /^BM/],
  ['a TIFF image', 0, /^(II\*\0|MM\0\*)/],
  ['an AVIF image', 4, /^ftypavi/],
  ['a HEIC image', 4, /^ftyp(hei|hev|mif)/],
  ['a JPEG 2000 image', 4, /^jP {2}/],
];

function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const text = String.fromCharCode(...bytes.subarray(0, 16));
  const known = others.find(([, offset, start]) => start.test(text.slice(offset)));
  if (known) return known[0];
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'));
  return `${bytes.length} bytes that start with ${start.join(' ')}`;
}

import { InputError } from '../errors.js';
import { decodeJpeg, jpegSignature } from './jpeg.js';
import { orient, orientationOf } from './orientation.js';
import { decodePng, pngSignature } from './png.js';
import type { Pixels } from './resize.js';
import { decodeWebp, isWebp } from './webp.js';

/** A decoder's compiled WebAssembly module, or what compiles it when it is first needed. */
export type DecoderModule = WebAssembly.Module | (() => Promise<WebAssembly.Module>);

export interface DecodeOptions {
  /** The file's name, for messages. */
  readonly file?: string;
  /** @jsquash/jpeg's codec/dec/mozjpeg_dec.wasm. @defaultValue fetched by that package, which works in browsers only */
  readonly mozjpeg?: DecoderModule;
  /** @jsquash/webp's codec/dec/webp_dec.wasm. @defaultValue fetched by that package, which works in browsers only */
  readonly webp?: DecoderModule;
  /** Turn the image upright, as its EXIF orientation says. torchvision does not. @defaultValue false */
  readonly orient?: boolean;
}

/**
 * The RGB pixels of a JPEG, PNG or WebP file, told apart by their first bytes, equal to what PIL's `Image.open(…).convert('RGB')` gives;
 * with `orient`, to what `ImageOps.exif_transpose` makes of that. Colour profiles are not applied: torchvision does not either.
 *
 * @throws InputError, naming the file, if it is none of these, damaged, truncated, or of a kind that is not read (CMYK, 16-bit grey, animated);
 *   UnsupportedError if a decoder does not start.
 */
export async function decodeImage(bytes: Uint8Array, { file, mozjpeg, webp, orient: upright }: DecodeOptions = {}): Promise<Pixels> {
  try {
    const pixels = await decode(bytes, mozjpeg, webp);
    return upright ? orient(pixels, orientationOf(bytes)) : pixels;
  } catch (error) {
    if (!(error instanceof InputError) || file === undefined) throw error;
    throw new InputError(`${file}: ${error.message}`, { cause: error.cause });
  }
}

async function decode(bytes: Uint8Array, mozjpeg: DecoderModule | undefined, webp: DecoderModule | undefined): Promise<Pixels> {
  if (startsWith(bytes, jpegSignature)) return await decodeJpeg(bytes, await compiled(mozjpeg));
  if (startsWith(bytes, pngSignature)) return await decodePng(bytes);
  if (isWebp(bytes)) return await decodeWebp(bytes, await compiled(webp));
  throw new InputError(`expected a JPEG, PNG or WebP image, found ${describe(bytes)}`);
}

const compiled = async (module: DecoderModule | undefined): Promise<WebAssembly.Module | undefined> =>
  typeof module === 'function' ? await module() : module;

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

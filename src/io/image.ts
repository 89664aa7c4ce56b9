import { InputError } from '../errors.js';
import { decodeJpeg, jpegSignature } from './jpeg.js';
import { decodePng, pngSignature } from './png.js';
import type { Pixels } from './resize.js';

export interface DecodeOptions {
  /** The file's name, for messages. */
  readonly file?: string;
  /** @jsquash/jpeg's codec/dec/mozjpeg_dec.wasm, compiled. @defaultValue fetched by that package, which works in browsers only */
  readonly mozjpeg?: WebAssembly.Module;
}

/**
 * The RGB pixels of a JPEG or PNG file, told apart by their first bytes, equal to what PIL's `Image.open(…).convert('RGB')` gives.
 * Colour profiles are not applied, and EXIF does not rotate: torchvision does neither.
 *
 * @throws InputError, naming the file, if it is neither, damaged, truncated, or of a kind that is not read (CMYK, 16-bit grey);
 *   UnsupportedError if the JPEG decoder does not start.
 */
export async function decodeImage(bytes: Uint8Array, { file, mozjpeg }: DecodeOptions = {}): Promise<Pixels> {
  try {
    if (startsWith(bytes, jpegSignature)) return await decodeJpeg(bytes, mozjpeg);
    if (startsWith(bytes, pngSignature)) return await decodePng(bytes);
    throw new InputError(`expected a JPEG or PNG image, found ${describe(bytes)}`);
  } catch (error) {
    if (!(error instanceof InputError) || file === undefined) throw error;
    throw new InputError(`${file}: ${error.message}`, { cause: error.cause });
  }
}

const startsWith = (bytes: Uint8Array, magic: readonly number[]): boolean => magic.every((byte, i) => bytes[i] === byte);

function describe(bytes: Uint8Array): string {
  if (bytes.length === 0) return 'an empty file';
  const start = Array.from(bytes.subarray(0, 8), (byte) => byte.toString(16).padStart(2, '0'));
  return `${bytes.length} bytes that start with ${start.join(' ')}`;
}

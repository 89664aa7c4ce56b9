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
  const chunks: Chunk[] = [];
  for (let at = 12; at < end; ) {
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

/**
 * The RGB pixels of a WebP, lossy or lossless, as PIL's `convert('RGB')` gives them: alpha is dropped, no colour profile is applied.
 *
 * @throws InputError if the file is damaged, truncated or animated; UnsupportedError if the decoder does not start.
 */
export async function decodeWebp(bytes: Uint8Array): Promise<Pixels> {
  const chunks = webpChunks(bytes);
  const image = chunks.find(({ name }) => name === 'VP8 ' || name === 'VP8L');
  if (chunks.some(({ name }) => name === 'ANIM')) throw new InputError('an animated WebP is not read: save a single image');
  if (image === undefined) throw new InputError('the WebP is damaged: it holds no image');
  checkClaim({ ...extentsOf(image), bytes: bytes.length, pixelsPerByte: pixelsPerByte[image.name as keyof typeof pixelsPerByte] });

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

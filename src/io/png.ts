import { InputError } from '../errors.js';
import { checkClaim } from './claim.js';
import { crc32 } from './crc32.js';
import { bitsPerPixel, colour, filteredBytes, type PngHeader, unfilterPixels } from './pngPixels.js';
import type { Pixels } from './resize.js';
import { inflateZlib } from './zlib.js';

/** ISO 15948, §5.2. */
export const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;

/** The bits per sample that each colour type may have. */
const depths: ReadonlyMap<number, readonly number[]> = new Map([
  [colour.grey, [1, 2, 4, 8, 16]],
  [colour.rgb, [8, 16]],
  [colour.indexed, [1, 2, 4, 8]],
  [colour.greyAlpha, [8, 16]],
  [colour.rgbAlpha, [8, 16]],
]);

/** Deflate packs at most 258 bytes into two bits. */
const deflateRatio = 1032;

/** Of a truncated file at least one byte in so many is taken to be there; photographs pack to a half, so that hardly any is left in practice. */
const mostMissing = 4;

/**
 * The RGB pixels of a PNG, as PIL's `convert('RGB')` gives them: alpha is dropped, not blended; grey is replicated, and stretched
 * to 0 … 255 where it has fewer bits; palettes are expanded; of 16 bits the upper 8 stay. No colour profile or gamma is applied.
 * Whatever else the file holds is passed over. Chunks before the pixels must have their CRC-32, as in PIL; the pixels their Adler-32 or, where the file
 * holds more of them than it says, or no checksum, their CRC-32.
 *
 * @param tolerant take what can be read of damaged or truncated pixels, and let the others be 0, as PIL's LOAD_TRUNCATED_IMAGES does
 * @throws InputError if the file is damaged or truncated, or has 16-bit grey (PIL would clip it, mostly to white).
 */
export async function decodePng(bytes: Uint8Array, tolerant: boolean): Promise<Pixels> {
  const header = readHeader(bytes);
  if (header.colourType === colour.grey && header.depth === 16)
    throw new InputError('expected 8 bits per sample, found a 16-bit greyscale PNG: convert it to 8 bits');
  checkClaim({
    ...header,
    bytes: bytes.length,
    pixelsPerByte: ((tolerant ? mostMissing : 1) * deflateRatio * 8) / bitsPerPixel(header),
  });
  const { palette, data } = readChunks(bytes, tolerant);

  const size = filteredBytes(header);
  const pieces = { [Symbol.iterator]: () => piecesFrom(bytes, data) };
  const { bytes: filtered, checked, fault } = await inflateZlib(pieces, size);
  // PIL inflates row by row, and loses the row after which damage shows
  if (tolerant) return unfilterPixels(header, fault === undefined ? filtered : filtered.subarray(0, -1), palette, tolerant);
  if (fault !== undefined) throw new InputError(`the PNG is damaged: its pixels do not inflate (${fault})`);
  if (filtered.length < size) throw new InputError(`the PNG is truncated: expected ${size} bytes of pixels, found ${filtered.length}`);
  if (!checked) for (const chunk of dataFrom(bytes, data)) checkCrc(bytes, chunk);
  return unfilterPixels(header, filtered, palette, tolerant);
}

/** A chunk: length 4, name 4, contents, CRC-32 4. */
export interface PngChunk {
  readonly name: string;
  /** Shorter than `length` where the file ends within them. */
  readonly contents: Uint8Array;
  readonly start: number;
  /** Where the chunk ends, be the file as long or not. */
  readonly end: number;
}

/** The chunks from a place on, up to IEND or, where there is none, to the file's end. */
export function* pngChunks(bytes: Uint8Array, from: number = pngSignature.length): Generator<PngChunk> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = from; at + 8 <= bytes.length; ) {
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (name === 'IEND') return;
    const end = at + 12 + view.getUint32(at);
    yield { name, contents: bytes.subarray(at + 8, end - 4), start: at, end };
    at = end;
  }
}

/** The chunks with pixels, which follow one another. As in PIL, they end at the first of another name, and nothing behind it matters. */
function* dataFrom(bytes: Uint8Array, first: number): Generator<PngChunk> {
  for (const chunk of pngChunks(bytes, first)) {
    if (chunk.name !== 'IDAT') return;
    yield chunk;
  }
}

/** The pieces of the pixels' zlib stream: made as they are needed, since a file may hold a piece for each of its bytes. */
function* piecesFrom(bytes: Uint8Array, first: number): Generator<Uint8Array> {
  for (const { contents } of dataFrom(bytes, first)) yield contents;
}

/**
 * The palette, and where the first chunk with pixels begins.
 *
 * @throws InputError if a chunk before the pixels is damaged or cut off, or there are no pixels.
 */
function readChunks(bytes: Uint8Array, tolerant: boolean): { readonly palette: Uint8Array; readonly data: number } {
  let palette: Uint8Array = new Uint8Array();
  let headers = 0;
  for (const chunk of pngChunks(bytes)) {
    const { name, contents, start, end } = chunk;
    if (name === 'IDAT') return { palette, data: start };
    if (end > bytes.length) throw new InputError(`the PNG is truncated: expected ${end} bytes at least, found ${bytes.length}`);
    const ancillary = (name.charCodeAt(0) & 0x20) !== 0;
    if (!tolerant || !ancillary) checkCrc(bytes, chunk);
    if (name === 'IHDR' && ++headers > 1) throw new InputError('the PNG is damaged: it has two headers');
    if (name === 'PLTE') palette = paletteOf(contents);
  }
  throw new InputError(`the PNG is truncated: it ends after ${bytes.length} bytes, before its pixels`);
}

/** Whole colours; as in PIL, what is left over counts for nothing. @throws InputError if they are too many. */
function paletteOf(contents: Uint8Array): Uint8Array {
  const colours = Math.floor(contents.length / 3);
  if (colours > 256) throw new InputError(`the PNG is damaged: expected a palette of at most 256 colours, found ${colours}`);
  return contents.subarray(0, 3 * colours);
}

/** The CRC-32 stands at the end, and covers the name too; a chunk that is cut off has none. @throws InputError if it is wrong. */
function checkCrc(bytes: Uint8Array, { name, contents, end }: PngChunk): void {
  if (end > bytes.length) return;
  const stated = new DataView(bytes.buffer, bytes.byteOffset + end - 4, 4).getUint32(0);
  if (crc32(bytes.subarray(end - 8 - contents.length, end - 4)) !== stated)
    throw new InputError(`the PNG is damaged: ${/^[A-Za-z]{4}$/.test(name) ? name : 'a chunk without a name'} has a wrong CRC-32`);
}

/** IHDR: after the signature (8 bytes), its length (4) and its name (4). @throws InputError if it is missing, or not what a PNG may be. */
function readHeader(bytes: Uint8Array): PngHeader {
  if (bytes.length < 33) throw new InputError(`the PNG is truncated: it ends after ${bytes.length} bytes, within its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (String.fromCharCode(...bytes.subarray(12, 16)) !== 'IHDR') throw new InputError('the PNG is damaged: its first chunk is not IHDR');
  if (view.getUint32(8) < 13) throw new InputError(`the PNG is damaged: expected a header of 13 bytes, found ${view.getUint32(8)}`);
  const depth = view.getUint8(24);
  const colourType = view.getUint8(25);
  if (!depths.get(colourType)?.includes(depth))
    throw new InputError(`the PNG is damaged: there is no colour type ${colourType} of ${depth} bits`);
  if (view.getUint8(27) !== 0) throw new InputError(`the PNG is damaged: there is no filter method ${view.getUint8(27)}`);
  return { width: view.getUint32(16), height: view.getUint32(20), depth, colourType, interlaced: view.getUint8(28) !== 0 };
}

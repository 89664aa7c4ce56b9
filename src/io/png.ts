import type { DecodedPng } from 'fast-png';
import { InputError } from '../errors.js';
import { checkClaim } from './claim.js';
import type { Pixels } from './resize.js';

/** ISO 15948, §5.2. */
export const pngSignature = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] as const;
/** Chunk names: `IHDR`, `IEND`. */
const ihdr = 0x49484452;
const iend = 0x49454e44;

/** Colour types (ISO 15948, table 11.1). */
const grey = 0;
const rgb = 2;
const indexed = 3;
const greyAlpha = 4;
const rgbAlpha = 6;

/** The bits per sample that each colour type may have. */
const depths: ReadonlyMap<number, readonly number[]> = new Map([
  [grey, [1, 2, 4, 8, 16]],
  [rgb, [8, 16]],
  [indexed, [1, 2, 4, 8]],
  [greyAlpha, [8, 16]],
  [rgbAlpha, [8, 16]],
]);

interface Header {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colourType: number;
  readonly interlace: number;
}

/**
 * The RGB pixels of a PNG, as PIL's `convert('RGB')` gives them: alpha is dropped, not blended; grey is replicated, and stretched
 * to 0 … 255 where it has fewer bits; palettes are expanded; of 16 bits the upper 8 stay. No colour profile or gamma is applied.
 *
 * @throws InputError if the file is damaged or truncated, or of the two kinds that are not read: 16-bit grey (PIL would clip it, mostly
 *   to white) and fewer than 8 bits interlaced (fast-png misreads it).
 */
export async function decodePng(bytes: Uint8Array): Promise<Pixels> {
  const header = readHeader(bytes);
  const { width, height, depth, colourType, interlace } = header;
  if (colourType === grey && depth === 16)
    throw new InputError('expected 8 bits per sample, found a 16-bit greyscale PNG: convert it to 8 bits');
  if (interlace !== 0 && depth < 8)
    throw new InputError(`expected 8 bits per sample, found an interlaced PNG of ${depth}: save it without interlacing`);
  // A byte holds at most 8 pixels, and Deflate packs at most 1032 bytes into one.
  checkClaim({ width, height, bytes: bytes.length, pixelsPerByte: 8 * 1032 });
  checkChunks(bytes);

  const { decode } = await import('fast-png');
  try {
    return { width, height, data: toRgb(header, decode(bytes, { checkCrc: true })) };
  } catch (cause) {
    throw new InputError(`the PNG is damaged: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
}

/** IHDR: after the signature (8 bytes), its length (4) and its name (4). @throws InputError if it is missing, or not what a PNG may be. */
function readHeader(bytes: Uint8Array): Header {
  if (bytes.length < 33) throw new InputError(`the PNG is truncated: it ends after ${bytes.length} bytes, within its header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (view.getUint32(12) !== ihdr) throw new InputError('the PNG is damaged: its first chunk is not IHDR');
  const depth = view.getUint8(24);
  const colourType = view.getUint8(25);
  if (!depths.get(colourType)?.includes(depth))
    throw new InputError(`the PNG is damaged: there is no colour type ${colourType} of ${depth} bits`);
  return { width: view.getUint32(16), height: view.getUint32(20), depth, colourType, interlace: view.getUint8(28) };
}

/**
 * Each chunk (length 4, name 4, contents, CRC 4) ends where the next begins; IEND is the last.
 *
 * @throws InputError if one is cut off, or a second IHDR contradicts the first.
 */
function checkChunks(bytes: Uint8Array): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = pngSignature.length; ; at += 12 + view.getUint32(at)) {
    const end = at + 12 + (at + 4 <= bytes.length ? view.getUint32(at) : 0);
    if (end > bytes.length) throw new InputError(`the PNG is truncated: expected ${end} bytes at least, found ${bytes.length}`);
    const name = view.getUint32(at + 4);
    if (name === ihdr && at > pngSignature.length) throw new InputError('the PNG is damaged: it has two headers');
    if (name === iend) return;
  }
}

function toRgb({ width, height, depth, colourType }: Header, { data, channels, palette = [] }: DecodedPng): Uint8Array {
  const samples = depth < 8 ? unpack(data, depth, width, height) : data;
  if (colourType === indexed) return lookUp(samples, palette);
  const step = 255 / (2 ** depth - 1);
  const bytes = depth === 8 ? samples : Uint8Array.from(samples, depth < 8 ? (level) => level * step : (level) => level >> 8);
  return colourType === rgb || colourType === rgbAlpha ? pick(bytes, channels, 1, 2) : pick(bytes, channels, 0, 0);
}

/** Rows of 1-, 2- or 4-bit samples, each row starting on a byte, leftmost sample in the highest bits; one sample a byte. */
function unpack(data: DecodedPng['data'], depth: number, width: number, height: number): Uint8Array {
  const perByte = 8 / depth;
  const rowBytes = Math.ceil(width / perByte);
  const mask = 2 ** depth - 1;
  const samples = new Uint8Array(width * height);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const byte = data[row * rowBytes + Math.floor(column / perByte)] as number;
      samples[row * width + column] = (byte >> (8 - depth * (1 + (column % perByte)))) & mask;
    }
  return samples;
}

/** Of each pixel's `channels` samples the first, and the ones at `green` and `blue`. */
function pick(samples: DecodedPng['data'], channels: number, green: number, blue: number): Uint8Array {
  const out = new Uint8Array((samples.length / channels) * 3);
  for (let s = 0, o = 0; s < samples.length; s += channels) {
    out[o++] = samples[s] as number;
    out[o++] = samples[s + green] as number;
    out[o++] = samples[s + blue] as number;
  }
  return out;
}

function lookUp(indices: DecodedPng['data'], palette: readonly (readonly number[])[]): Uint8Array {
  const out = new Uint8Array(indices.length * 3);
  indices.forEach((index, i) => {
    const colour = palette[index];
    if (colour === undefined) throw new InputError(`colour ${index} is not in the palette of ${palette.length}`);
    out.set(colour.slice(0, 3), i * 3); // a fourth is the opacity
  });
  return out;
}

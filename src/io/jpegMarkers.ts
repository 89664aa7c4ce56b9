import { InputError } from '../errors.js';

/** What a JPEG's frame header says (ITU-T T.81, B.2.2). */
export interface Frame {
  readonly width: number;
  readonly height: number;
  readonly progressive: boolean;
  readonly components: readonly Component[];
}

export interface Component {
  readonly id: number;
  /** Sampling factors across and down. */
  readonly h: number;
  readonly v: number;
}

/** A marker's part of the file, from its FF to the next marker's: a scan's holds its entropy-coded data too. */
export interface Segment {
  readonly marker: number;
  /** All of it. */
  readonly bytes: Uint8Array;
  /** What follows marker and length, or nothing. */
  readonly contents: Uint8Array;
}

const endOfImage = 0xd9;
export const startOfScan = 0xda;
export const app = (n: number): number => 0xe0 + n;
export const comment = 0xfe;

/** SOF0 … SOF15; C4, C8 and CC in their midst are Huffman tables, reserved, and arithmetic conditioning. */
const isFrame = (marker: number): boolean => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);

const isRestart = (marker: number | undefined): boolean => marker !== undefined && marker >= 0xd0 && marker <= 0xd7;

/** TEM, RSTn and SOI have no length. */
const isBare = (marker: number): boolean => marker === 0x01 || isRestart(marker) || marker === 0xd8;

export interface Markers {
  readonly segments: readonly Segment[];
  /** Whether the file goes on to its end of image; a segment that is cut off is left out. */
  readonly ended: boolean;
}

/** Photographs have some tens; a forged file may have one for every two of its bytes. */
const mostSegments = 2 ** 14;

/** The segments behind the start of image, found as libjpeg finds them: bytes before a marker that belong to none are passed over. @throws InputError if they are too many. */
export function readMarkers(bytes: Uint8Array): Markers {
  const segments: Segment[] = [];
  for (let at = nextMarker(bytes, 2); at >= 0; ) {
    const marker = bytes[at + 1] as number;
    if (marker === endOfImage) return { segments, ended: true };
    const header = at + 2 + (isBare(marker) ? 0 : lengthAt(bytes, at + 2));
    if (header > bytes.length) break;
    if (segments.length === mostSegments)
      throw new InputError(`the JPEG is damaged: expected at most ${mostSegments} segments, found more`);
    const next = marker === startOfScan ? endOfScan(bytes, header) : nextMarker(bytes, header);
    const end = marker === startOfScan ? (next < 0 ? bytes.length : next) : header;
    segments.push({ marker, bytes: bytes.subarray(at, end), contents: bytes.subarray(at + 4, header) });
    at = next;
  }
  return { segments, ended: false };
}

/** Two bytes, which count themselves; infinite where they are cut off. */
const lengthAt = (bytes: Uint8Array, at: number): number =>
  at + 2 > bytes.length ? Number.POSITIVE_INFINITY : Math.max(2, ((bytes[at] as number) << 8) | (bytes[at + 1] as number));

/** Where the last FF before a marker's name stands, from `from` on; −1 if there is none. FF 00 is no marker. */
function nextMarker(bytes: Uint8Array, from: number): number {
  for (let at = bytes.indexOf(0xff, from); at >= 0; at = bytes.indexOf(0xff, at + 1)) {
    const name = bytes[at + 1];
    if (name !== undefined && name !== 0xff && name !== 0) return at;
  }
  return -1;
}

/** Entropy-coded data hold FF 00 and restart markers, and end at any other. */
function endOfScan(bytes: Uint8Array, from: number): number {
  let at = nextMarker(bytes, from);
  while (at >= 0 && isRestart(bytes[at + 1])) at = nextMarker(bytes, at + 2);
  return at;
}

/** @throws InputError if there is no frame header before the first scan, or it cannot be one. */
export function frameOf({ segments }: Markers, size: number): Frame {
  const segment = segments.find(({ marker }) => isFrame(marker) || marker === startOfScan);
  if (segment === undefined) throw new InputError(`the JPEG is truncated: it ends after ${size} bytes, before its frame header`);
  if (segment.marker === startOfScan) throw new InputError('the JPEG is damaged: it has a scan before its frame header');
  const { contents } = segment;
  const view = new DataView(contents.buffer, contents.byteOffset, contents.byteLength);
  // precision 1 byte, height 2, width 2, number of components 1; then 3 bytes each: name, h in the upper and v in the lower half byte, table
  const count = contents.length < 6 ? 0 : view.getUint8(5);
  if (count === 0 || contents.length !== 6 + 3 * count) throw new InputError('the JPEG is damaged: its frame header has the wrong length');
  const components = Array.from({ length: count }, (_, i) => {
    const factors = view.getUint8(7 + 3 * i);
    return { id: view.getUint8(6 + 3 * i), h: factors >> 4, v: factors & 15 };
  });
  const odd = components.find(({ h, v }) => h < 1 || h > 4 || v < 1 || v > 4);
  if (odd) throw new InputError(`the JPEG is damaged: expected sampling factors from 1 to 4, found ${odd.h}×${odd.v}`);
  return { height: view.getUint16(1), width: view.getUint16(3), progressive: segment.marker === 0xc2, components };
}

const coefficients = 64;

/**
 * Whether the scans of a progressive JPEG bring every coefficient of every component to full precision: each scan names its components, the first and
 * last coefficient, and the bit that it comes down to (T.81, B.2.3).
 */
export function isComplete({ segments }: Markers, { components }: Frame): boolean {
  const lowestBit = new Map(components.map(({ id }) => [id, new Uint8Array(coefficients).fill(255)]));
  for (const { marker, contents } of segments)
    if (marker === startOfScan) {
      const count = contents[0] ?? 0;
      const [first = 0, last = 0, bits = 0] = contents.subarray(1 + 2 * count);
      for (let i = 0; i < count; i++) lowestBit.get(contents[1 + 2 * i] as number)?.fill(bits & 15, first, last + 1);
    }
  return [...lowestBit.values()].every((bits) => bits.every((bit) => bit === 0));
}

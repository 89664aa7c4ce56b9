import { InputError } from '../errors.js';
import type { Pixels } from './resize.js';

/** Colour types (ISO 15948, table 11.1), and the samples a pixel has in each. */
export const colour = { grey: 0, rgb: 2, indexed: 3, greyAlpha: 4, rgbAlpha: 6 } as const;
const samplesOf: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export interface PngHeader {
  readonly width: number;
  readonly height: number;
  /** Bits per sample. */
  readonly depth: number;
  readonly colourType: number;
  readonly interlaced: boolean;
}

export const bitsPerPixel = ({ depth, colourType }: PngHeader): number => depth * (samplesOf[colourType] as number);

/** An image within the image: every dx-th pixel of every dy-th row, from (x, y) on. */
interface Pass {
  readonly x: number;
  readonly y: number;
  readonly dx: number;
  readonly dy: number;
  readonly columns: number;
  readonly rows: number;
  /** Without the byte in front that names the filter. */
  readonly rowBytes: number;
}

/** x, y, dx, dy (ISO 15948, §8.2). */
const adam7 = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

function passesOf(header: PngHeader): readonly Pass[] {
  const passes = (header.interlaced ? adam7 : ([[0, 0, 1, 1]] as const)).map(([x, y, dx, dy]) => {
    const columns = Math.ceil((header.width - x) / dx);
    return { x, y, dx, dy, columns, rows: Math.ceil((header.height - y) / dy), rowBytes: Math.ceil((columns * bitsPerPixel(header)) / 8) };
  });
  return passes.filter(({ columns, rows }) => columns > 0 && rows > 0);
}

/** How many bytes the filtered rows of all passes take. */
export const filteredBytes = (header: PngHeader): number =>
  passesOf(header).reduce((sum, { rows, rowBytes }) => sum + rows * (1 + rowBytes), 0);

/**
 * The RGB pixels of filtered rows, which are unfiltered in place.
 *
 * @param palette RGB triples, for indexed colour
 * @param tolerant let the samples be 0 from the first row that is missing or damaged on
 * @throws InputError, unless that is tolerated, if a row names a filter that there is none of
 */
export function unfilterPixels(header: PngHeader, filtered: Uint8Array, palette: Uint8Array, tolerant: boolean): Pixels {
  const { width, height } = header;
  const data = new Uint8Array(width * height * 3);
  const colours = header.depth <= 8 && samplesOf[header.colourType] === 1 ? coloursOf(header, palette) : undefined;
  if (colours && tolerant) for (let o = 0; o < data.length; o += 3) data.set(colours.subarray(0, 3), o);
  const write = colours ? writeColours(header, colours) : writeSamples(header);
  const pixelBytes = Math.max(1, bitsPerPixel(header) / 8);
  let start = 0;
  for (const { x, y, dx, dy, columns, rows, rowBytes } of passesOf(header)) {
    let above: Uint8Array = new Uint8Array(rowBytes);
    for (let row = 0; row < rows; row++) {
      const end = start + 1 + rowBytes;
      const filter = filtered[start];
      const unfilter = unfilters[filter ?? 0];
      if (end > filtered.length || unfilter === undefined) {
        if (tolerant) return { width, height, data };
        throw new InputError(`the PNG is damaged: row ${row} names filter ${filter}, of which there is none`);
      }
      const line = filtered.subarray(start + 1, end);
      unfilter(line, above, pixelBytes);
      write(line, columns, data, ((y + row * dy) * width + x) * 3, dx * 3);
      above = line;
      start = end;
    }
  }
  return { width, height, data };
}

type Unfilter = (line: Uint8Array, above: Uint8Array, pixelBytes: number) => void;

const at = (bytes: Uint8Array, i: number): number => bytes[i] as number;

/** By their number: a line is what the filter predicts of each byte, from those a pixel before and a line above, and what is added (ISO 15948, §9.2). */
const unfilters: readonly Unfilter[] = [
  () => undefined,
  (line, _, pixelBytes) => {
    for (let i = pixelBytes; i < line.length; i++) line[i] = at(line, i) + at(line, i - pixelBytes);
  },
  (line, above) => {
    for (let i = 0; i < line.length; i++) line[i] = at(line, i) + at(above, i);
  },
  (line, above, pixelBytes) => {
    for (let i = 0; i < pixelBytes; i++) line[i] = at(line, i) + (at(above, i) >> 1);
    for (let i = pixelBytes; i < line.length; i++) line[i] = at(line, i) + ((at(line, i - pixelBytes) + at(above, i)) >> 1);
  },
  (line, above, pixelBytes) => {
    for (let i = 0; i < pixelBytes; i++) line[i] = at(line, i) + at(above, i);
    for (let i = pixelBytes; i < line.length; i++)
      line[i] = at(line, i) + paeth(at(line, i - pixelBytes), at(above, i), at(above, i - pixelBytes));
  },
];

/** Of left, above and above left the nearest to left + above − above left. */
function paeth(a: number, b: number, c: number): number {
  const toA = Math.abs(b - c);
  const toB = Math.abs(a - c);
  const toC = Math.abs(a + b - 2 * c);
  return toA <= toB && toA <= toC ? a : toB <= toC ? b : c;
}

/** Writes the RGB of a line's pixels from byte `first` on, `step` bytes apart. */
type Writer = (line: Uint8Array, columns: number, out: Uint8Array, first: number, step: number) => void;

/** The RGB of each value that a lone sample may have. An index beyond the palette is the grey of that number, as Pillow 9's palettes start out. */
function coloursOf({ depth, colourType }: PngHeader, palette: Uint8Array): Uint8Array {
  const step = colourType === colour.grey ? 255 / (2 ** depth - 1) : 1;
  const colours = new Uint8Array(3 * 2 ** depth);
  for (let value = 0; value < 2 ** depth; value++) colours.fill(value * step, 3 * value, 3 * value + 3);
  if (colourType === colour.indexed) colours.set(palette.subarray(0, colours.length));
  return colours;
}

/** Samples of up to 8 bits, leftmost in the highest bits. */
function writeColours({ depth }: PngHeader, colours: Uint8Array): Writer {
  const mask = 2 ** depth - 1;
  return (line, columns, out, first, step) => {
    let o = first;
    for (let i = 0, bit = 0; i < columns; i++, bit += depth, o += step) {
      const from = 3 * (((line[bit >> 3] as number) >> (8 - depth - (bit & 7))) & mask);
      out[o] = colours[from] as number;
      out[o + 1] = colours[from + 1] as number;
      out[o + 2] = colours[from + 2] as number;
    }
  };
}

/** Whole bytes: of 16 bits the upper 8 stay, alpha is dropped, grey is replicated. */
function writeSamples(header: PngHeader): Writer {
  const pixelBytes = bitsPerPixel(header) / 8;
  const next = header.colourType === colour.greyAlpha ? 0 : header.depth / 8;
  return (line, columns, out, first, step) => {
    if (pixelBytes === 3 && step === 3) return out.set(line, first);
    for (let i = 0, from = 0, o = first; i < columns; i++, from += pixelBytes, o += step) {
      out[o] = line[from] as number;
      out[o + 1] = line[from + next] as number;
      out[o + 2] = line[from + 2 * next] as number;
    }
  };
}

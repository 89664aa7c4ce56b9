import { InputError } from '../errors.js';
import { insteadOf } from '../meant.js';
import { kindOf, shown } from '../tensor.js';
import { atOnce, type Pieces, rowsInPieces } from './pieces.js';

/** An 8-bit RGB image: `data` holds height × width × 3 bytes, rows from the top, channels interleaved. */
export interface Pixels {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array;
}

export type Extents = Pick<Pixels, 'width' | 'height'>;

/** Of an image, or a batch, that is made by resizing or cropping: above it, a mistyped size is likelier than a wish. */
export const mostPixelsMade = 2 ** 28;

/** An interpolation kernel: its value at x, and the distance from which on it is 0. */
interface Kernel {
  readonly support: number;
  readonly at: (x: number) => number;
}

/** How pixels are interpolated; as PIL does, which widens the kernel where an image is made smaller. */
export type Filter = 'bilinear' | 'bicubic';

/** Written as in PIL's Resample.c, operation by operation: the coefficients agree to the last bit. */
const kernels: Readonly<Record<Filter, Kernel>> = {
  bilinear: {
    support: 1,
    at: (x) => (Math.abs(x) < 1 ? 1 - Math.abs(x) : 0),
  },
  /** Keys 1981, the cubic convolution kernel with a = −0.5. */
  bicubic: {
    support: 2,
    at: (x) => {
      const a = -0.5;
      const t = Math.abs(x);
      if (t < 1) return ((a + 2) * t - (a + 3)) * t * t + 1;
      if (t < 2) return (((t - 5) * t + 8) * t - 4) * a;
      return 0;
    },
  },
};

export const filters = Object.keys(kernels) as readonly Filter[];

/**
 * Coefficients are whole multiples of 2⁻²²: of 32 bits, 8 are the pixel's and 2 are headroom for the lobes of the bicubic kernel.
 */
const precisionBits = 22;

/**
 * What each pixel of a line takes from a longer or shorter one: the pixels from `starts[i]` on, by the weights `first[i]` … `first[i + 1]` − 1, in units
 * of 2⁻²². In three arrays, since objects of a few weights each cost a tenth of the time.
 */
interface Windows {
  readonly starts: Int32Array;
  readonly first: Int32Array;
  readonly weights: Int32Array;
}

/** What the pixels `from` … `to` − 1 of `outSize` take from a line of `inSize`. Shrinking widens the kernel by the scale, which is the antialiasing. */
function windows(inSize: number, outSize: number, { support, at }: Kernel, from: number, to: number): Windows {
  const scale = inSize / outSize;
  const stretch = Math.max(1, scale);
  const squeeze = 1 / stretch; // PIL multiplies by the reciprocal: a division would differ in the last bit
  const reach = support * stretch;
  const starts = new Int32Array(to - from);
  const first = new Int32Array(to - from + 1);
  const weights: number[] = [];
  for (let i = from; i < to; i++) {
    const centre = (i + 0.5) * scale;
    const start = Math.max(0, Math.trunc(centre - reach + 0.5));
    const end = Math.min(inSize, Math.trunc(centre + reach + 0.5));
    const exact = Array.from({ length: end - start }, (_, k) => at((k + start - centre + 0.5) * squeeze));
    const sum = exact.reduce((total, weight) => total + weight, 0);
    for (const weight of exact) weights.push(toFixed(sum === 0 ? weight : weight / sum));
    starts[i - from] = start;
    first[i - from + 1] = weights.length;
  }
  return { starts, first, weights: Int32Array.from(weights) };
}

/** Halves go away from zero, as C's cast truncates. */
const toFixed = (weight: number): number => Math.trunc(weight * 2 ** precisionBits + (weight < 0 ? -0.5 : 0.5));

/** Sums of weights and bytes start at a half, so that shifting rounds; they stay below 2³¹, as the weights' sizes add up to less than 2²³. */
const half = 1 << (precisionBits - 1);
const clip = (sum: number): number => Math.min(255, Math.max(0, sum >> precisionBits));

function* resizeRows(image: Pixels, across: Windows): Pieces<Pixels> {
  const { height } = image;
  const width = across.starts.length;
  const data = new Uint8Array(height * width * 3);
  yield* rowsInPieces(height, 3 * across.weights.length, (from, to) => addAcross(image, across, data, from, to));
  return { width, height, data };
}

/** The rows `from` … `to` − 1 of what is made of an image. */
function addAcross({ width, data }: Pixels, { starts, first, weights }: Windows, out: Uint8Array, from: number, to: number): void {
  let o = from * starts.length * 3;
  for (let row = from; row < to; row++)
    for (let i = 0; i < starts.length; i++) {
      let red = half;
      let green = half;
      let blue = half;
      let at = (row * width + (starts[i] as number)) * 3;
      const end = first[i + 1] as number;
      for (let k = first[i] as number; k < end; k++) {
        const weight = weights[k] as number;
        red += Math.imul(weight, data[at] as number);
        green += Math.imul(weight, data[at + 1] as number);
        blue += Math.imul(weight, data[at + 2] as number);
        at += 3;
      }
      out[o++] = clip(red);
      out[o++] = clip(green);
      out[o++] = clip(blue);
    }
}

function* resizeColumns(image: Pixels, down: Windows): Pieces<Pixels> {
  const { width } = image;
  const height = down.starts.length;
  const data = new Uint8Array(height * width * 3);
  const work = (3 * width * down.weights.length) / height;
  yield* rowsInPieces(height, work, (from, to) => addDown(image, down, data, from, to));
  return { width, height, data };
}

/** The lines that windows read: from which one on, and how many. */
function linesRead({ starts, first }: Windows): readonly [from: number, count: number] {
  const last = starts.length - 1;
  const from = starts[0] as number;
  return [from, (starts[last] as number) + (first[last + 1] as number) - (first[last] as number) - from];
}

/** Row by row, since that is how memory is read fast: a window's rows are added into one row of sums. */
function addDown({ width, data }: Pixels, { starts, first, weights }: Windows, out: Uint8Array, from: number, to: number): void {
  const line = width * 3;
  const sums = new Int32Array(line);
  let o = from * line;
  for (let row = from; row < to; row++) {
    sums.fill(half);
    let at = (starts[row] as number) * line;
    for (let k = first[row] as number; k < (first[row + 1] as number); k++) {
      const weight = weights[k] as number;
      for (let i = 0; i < line; i++) sums[i] = (sums[i] as number) + Math.imul(weight, data[at + i] as number);
      at += line;
    }
    for (let i = 0; i < line; i++) out[o++] = clip(sums[i] as number);
  }
}

/**
 * PIL's `Image.resize((width, height), filter)` to the bit (Pillow, src/libImaging/Resample.c): a separable, antialiased
 * resampler, first across and then down, each pass rounded to 8 bits, and left out where it changes nothing.
 *
 * @throws InputError unless both extents are whole, positive, and at most 2²⁸ pixels together.
 */
export const resize = (pixels: Pixels, width: number, height: number, filter: Filter): Pixels =>
  atOnce(resizeInPieces(pixels, { width, height }, filter));

/**
 * `resize`, in pieces.
 *
 * @param kept a box within the result, to the bit: no more than what it needs is computed
 */
export function* resizeInPieces(
  pixels: Pixels,
  { width, height }: Extents,
  filter: Filter,
  { left, top, ...kept }: Rectangle = { left: 0, top: 0, width, height },
): Pieces<Pixels> {
  checkPixels(pixels);
  checkExtents('resize to', width, height);
  if (!filters.includes(filter)) throw new InputError(`filter is ${filters.join(' or ')}, not ${shown(filter)}`);
  const kernel = kernels[filter];
  const down = height === pixels.height ? undefined : windows(pixels.height, height, kernel, top, top + kept.height);
  const [first, rows] = down ? linesRead(down) : [top, kept.height];
  const lines = part(pixels, { left: 0, top: first, width: pixels.width, height: rows });
  const across =
    width === pixels.width
      ? part(lines, { left, top: 0, width: kept.width, height: rows })
      : yield* resizeRows(lines, windows(pixels.width, width, kernel, left, left + kept.width));
  if (down === undefined) return across;
  return yield* resizeColumns(across, { ...down, starts: down.starts.map((start) => start - first) });
}

/** A box within an image: the image itself if it is all of it, whole rows without a copy. */
function part(pixels: Pixels, box: Rectangle): Pixels {
  const { width, height, data } = pixels;
  if (box.width !== width) return crop(pixels, box);
  return box.height === height
    ? pixels
    : { width, height: box.height, data: data.subarray(box.top * width * 3, (box.top + box.height) * width * 3) };
}

/**
 * torchvision's `Resize(R)`: the shorter side becomes `size`, the longer ⌊size · long / short⌋.
 *
 * @throws InputError as `resize`; a narrow image may be asked to become too long.
 */
export const resizeShorter = (pixels: Pixels, size: number, filter: Filter): Pixels =>
  atOnce(resizeInPieces(pixels, shorterTo(pixels, size), filter));

/** The extents that `resizeShorter` gives an image. @throws InputError as it does */
export function shorterTo(pixels: Pixels, size: number): Extents {
  checkPixels(pixels);
  checkExtents('resize to', size, size);
  const { width, height } = pixels;
  const longer = Math.trunc((size * Math.max(width, height)) / Math.min(width, height));
  const extents = width <= height ? { width: size, height: longer } : { width: longer, height: size };
  checkExtents('resize to', extents.width, extents.height);
  return extents;
}

/**
 * torchvision's `CenterCrop(C)`: `size` × `size` pixels from the middle; where the image is smaller, black all round.
 *
 * @throws InputError unless the size is whole, positive, and at most 2²⁸ pixels.
 */
export function centreCrop(pixels: Pixels, size: number): Pixels {
  checkPixels(pixels);
  return crop(pixels, centreOf(pixels, size));
}

/** The square that `centreCrop` cuts out. @throws InputError as it does */
export function centreOf({ width, height }: Extents, size: number): Rectangle {
  checkExtents('crop to', size, size);
  return { left: cropOffset(width, size), top: cropOffset(height, size), width: size, height: size };
}

/** A rectangle of an image, in whole pixels; it may lie beyond the image's edges. */
export interface Rectangle {
  readonly left: number;
  readonly top: number;
  readonly width: number;
  readonly height: number;
}

/**
 * The pixels of a box, black where it lies outside the image.
 *
 * @throws InputError unless the box's extents are whole, positive, and at most 2²⁸ pixels together.
 */
export function crop({ width, height, data }: Pixels, box: Rectangle): Pixels {
  checkExtents('crop to', box.width, box.height);
  const from = Math.max(0, box.left);
  const to = Math.min(width, box.left + box.width);
  const out = new Uint8Array(box.width * box.height * 3);
  if (from < to)
    for (let row = Math.max(0, box.top); row < Math.min(height, box.top + box.height); row++)
      out.set(data.subarray((row * width + from) * 3, (row * width + to) * 3), ((row - box.top) * box.width + from - box.left) * 3);
  return { width: box.width, height: box.height, data: out };
}

/** The part of a box that lies within an image. */
export function within({ width, height }: Extents, box: Rectangle): Rectangle {
  const left = Math.max(0, box.left);
  const top = Math.max(0, box.top);
  return { left, top, width: Math.min(width, box.left + box.width) - left, height: Math.min(height, box.top + box.height) - top };
}

/** Where the crop begins. Inside the image halves go to even, as Python rounds; outside, the odd pixel of padding comes last. */
export function cropOffset(extent: number, size: number): number {
  const offset = (extent - size) / 2;
  if (offset < 0) return Math.ceil(offset);
  const below = Math.floor(offset);
  return offset === below ? offset : below + (below % 2);
}

/** For values of types that nobody checked. @throws InputError unless it is an image whose bytes are three a pixel */
export function checkPixels(pixels: Pixels): void {
  if (typeof pixels !== 'object' || pixels === null || !('width' in pixels))
    throw new InputError(`an image is pixels { width, height, data }, not ${insteadOf('pixels', pixels)}`);
  const { width, height, data } = pixels as Partial<Pixels>;
  checkExtents('an image of', width as number, height as number);
  if (!/^Uint8(Clamped)?Array$/.test(kindOf(data)) || data?.length !== (width as number) * (height as number) * 3)
    throw new InputError(
      `an image of ${width}×${height} is ${(width as number) * (height as number) * 3} bytes, three a pixel, in a Uint8Array; found ${kindOf(data)} of ${data?.length}${fourEach(pixels)}`,
    );
}

/** A canvas's pixels have an alpha. */
const fourEach = ({ width, height, data }: Pixels): string =>
  data?.length === width * height * 4 ? ', four a pixel: leave out every fourth, the alpha' : '';

function checkExtents(what: string, width: number, height: number): void {
  if (![width, height].every((extent) => Number.isSafeInteger(extent) && extent > 0) || width * height > mostPixelsMade)
    throw new InputError(
      `${what} ${shown(width)}×${shown(height)}: both extents must be whole and positive, and at most 2^28 pixels together`,
    );
}

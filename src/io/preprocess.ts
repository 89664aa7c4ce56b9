import { InputError } from '../errors.js';
import { checkKnown, type Keys } from '../graph/known.js';
import { insteadOf, isMistaken } from '../meant.js';
import { shown, type Tensor, tensor } from '../tensor.js';
import { atOnce, inTurns, type Pieces, rowsInPieces } from './pieces.js';
import { centreOf, checkPixels, crop, type Filter, type Pixels, resizeInPieces, shorterTo, within } from './resize.js';

/** One number per channel: red, green, blue, unless `channels` has another order. */
export type PerChannel = readonly [number, number, number];

/** Of ImageNet's training images, in units of the full range: what torchvision's and most of timm's weights expect. */
export const imagenetMean: PerChannel = [0.485, 0.456, 0.406];
export const imagenetStd: PerChannel = [0.229, 0.224, 0.225];

export interface PreprocessOptions {
  /** The shorter side after resizing, in pixels. */
  readonly resize: number;
  readonly filter: Filter;
  /** The side of the square cut from the middle, in pixels. */
  readonly crop: number;
  /** @defaultValue ImageNet's */
  readonly mean?: PerChannel;
  /** @defaultValue ImageNet's */
  readonly std?: PerChannel;
  /** What a byte of 255 becomes before mean and deviation, which are in its units. @defaultValue 1 */
  readonly range?: 1 | 255;
  /** The order of the tensor's channels. @defaultValue 'rgb' */
  readonly channels?: 'rgb' | 'bgr';
}

/**
 * What torchvision's `Resize`, `CenterCrop`, `ToTensor` and `Normalize` make of an image, to the bit: [1, 3, crop, crop] in float32.
 *
 * @throws InputError if a size is not a whole positive number, the resized image would be too large, or what is given is no image.
 */
export const preprocess = (pixels: Pixels, options: PreprocessOptions): Tensor => atOnce(preprocessInPieces(pixels, options));

/**
 * `preprocess` to the bit, which gives the event loop a turn at least every 50 ms: a page or a server that makes tensors of large images goes on
 * answering meanwhile.
 *
 * @throws InputError as `preprocess` does, as a rejection
 */
export const preprocessAsync = async (pixels: Pixels, options: PreprocessOptions): Promise<Tensor> =>
  await inTurns(preprocessInPieces(pixels, options));

function* preprocessInPieces(pixels: Pixels, options: PreprocessOptions): Pieces<Tensor> {
  checkPixels(pixels);
  if (typeof options !== 'object' || options === null || isMistaken('options', options))
    throw new InputError(`preprocess needs options { resize, filter, crop }, not ${insteadOf('options', options)}`);
  checkKnown('preprocess', options, { ...normalisationKeys, resize: true, filter: true, crop: true });
  checkNormalisation(options);
  const resized = shorterTo(pixels, options.resize);
  const square = centreOf(resized, options.crop);
  const kept = within(resized, square);
  const part = yield* resizeInPieces(pixels, resized, options.filter, kept);
  const cropped = crop(part, { ...square, left: square.left - kept.left, top: square.top - kept.top });
  const { width, height } = cropped;
  const x = new Float32Array(3 * width * height);
  yield* normaliserInPieces(options)(cropped, x);
  return tensor([1, 3, height, width], x);
}

/** `normaliser`, in pieces. */
export function normaliserInPieces(options: Normalisation): (pixels: Pixels, out: Float32Array) => Pieces<void> {
  const write = pixelNormaliser(options);
  return (pixels, out) =>
    rowsInPieces(pixels.height, 3 * pixels.width, (from, to) => write(pixels, out, from * pixels.width, to * pixels.width));
}

/** How bytes become a tensor's values. */
export type Normalisation = Pick<PreprocessOptions, 'mean' | 'std' | 'range' | 'channels'>;

const normalisationKeys: Keys<Normalisation> = { mean: true, std: true, range: true, channels: true };

function checkNormalisation({ mean = imagenetMean, std = imagenetStd, range = 1, channels = 'rgb' }: Normalisation): void {
  for (const [name, values] of Object.entries({ mean, std }))
    if (!Array.isArray(values) || values.length !== 3 || !values.every(Number.isFinite))
      throw new InputError(`${name} is three numbers, one per channel, not ${shown(values)}`);
  if (std.includes(0)) throw new InputError(`std is what is divided by, and no 0, not ${shown(std)}`);
  if (range !== 1 && range !== 255) throw new InputError(`range is 1 or 255, not ${shown(range)}`);
  if (channels !== 'rgb' && channels !== 'bgr') throw new InputError(`channels is rgb or bgr, not ${shown(channels)}`);
}

/** (byte · range / 255 − mean) / std as [1, 3, H, W], every step rounded to float32, as torchvision's tensors are. @throws InputError for what is no image. */
export function normalise(pixels: Pixels, options: Normalisation = {}): Tensor {
  checkPixels(pixels);
  checkNormalisation(options ?? {});
  const { width, height } = pixels;
  const x = new Float32Array(3 * width * height);
  normaliser(options ?? {})(pixels, x);
  return tensor([1, 3, height, width], x);
}

/**
 * What writes an image's normalised values, three planes of them, to the front of an array. Made once for many images, since it looks values up: one for
 * each channel and byte. (Rounding an operation's float64 result to float32 equals doing it in float32; and what is divided by 255 and multiplied by it
 * is the byte again, for each byte.)
 */
export function normaliser(options: Normalisation): (pixels: Pixels, out: Float32Array) => void {
  const write = pixelNormaliser(options);
  return (pixels, out) => write(pixels, out, 0, pixels.width * pixels.height);
}

/** The same for the pixels `begin` … `end` − 1. */
function pixelNormaliser({
  mean = imagenetMean,
  std = imagenetStd,
  range = 1,
  channels = 'rgb',
}: Normalisation): (pixels: Pixels, out: Float32Array, begin: number, end: number) => void {
  const [first, second, third] = [0, 1, 2].map((c) => {
    const m = Math.fround(mean[c] as number);
    const s = Math.fround(std[c] as number);
    return Float32Array.from({ length: 256 }, (_, byte) => Math.fround(Math.fround((byte * range) / 255) - m) / s);
  }) as [Float32Array, Float32Array, Float32Array];
  const [from, to] = channels === 'rgb' ? [0, 2] : [2, 0];
  return ({ width, height, data }, out, begin, end) => {
    const plane = width * height;
    for (let i = begin, at = 3 * begin; i < end; i++, at += 3) {
      out[i] = first[data[at + from] as number] as number;
      out[plane + i] = second[data[at + 1] as number] as number;
      out[2 * plane + i] = third[data[at + to] as number] as number;
    }
  };
}

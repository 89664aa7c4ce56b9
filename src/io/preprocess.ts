import { type Tensor, tensor } from '../tensor.js';
import { centreCrop, type Filter, type Pixels, resizeShorter } from './resize.js';

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
 * @throws InputError if a size is not a whole positive number, or the resized image would be too large.
 */
export function preprocess(pixels: Pixels, options: PreprocessOptions): Tensor {
  return normalise(centreCrop(resizeShorter(pixels, options.resize, options.filter), options.crop), options);
}

/**
 * (byte · range / 255 − mean) / std as [1, 3, H, W], every step rounded to float32, as torchvision's tensors are. (Rounding an operation's
 * float64 result to float32 equals doing it in float32; and what is divided by 255 and multiplied by it is the byte again, for each byte.)
 */
export function normalise(
  pixels: Pixels,
  { mean = imagenetMean, std = imagenetStd, range = 1, channels = 'rgb' }: Omit<PreprocessOptions, 'resize' | 'filter' | 'crop'> = {},
): Tensor {
  const { width, height, data } = pixels;
  const plane = width * height;
  const x = new Float32Array(3 * plane);
  for (let c = 0; c < 3; c++) {
    const m = Math.fround(mean[c] as number);
    const s = Math.fround(std[c] as number);
    const values = Float32Array.from({ length: 256 }, (_, byte) => Math.fround(Math.fround((byte * range) / 255) - m) / s);
    const from = channels === 'rgb' ? c : 2 - c;
    for (let i = 0; i < plane; i++) x[c * plane + i] = values[data[i * 3 + from] as number] as number;
  }
  return tensor([1, 3, height, width], x);
}

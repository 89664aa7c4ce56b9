import { InputError } from '../errors.js';
import { imagenetMean, imagenetStd, type PerChannel, type PreprocessOptions } from '../io/preprocess.js';
import type { Filter } from '../io/resize.js';

/** How the images of a network's training or testing were made; what weights were trained for is what they must be given. */
export interface Preset {
  /** The side of the network's image, in pixels. */
  readonly size: number;
  /** The share of the resized image's shorter side that is kept: the side is ⌊size / cropRatio⌋ before the crop. */
  readonly cropRatio: number;
  readonly filter: Filter;
  /** In units of the range, one per channel in the order of `channels`. */
  readonly mean: PerChannel;
  readonly std: PerChannel;
  /** What a byte of 255 becomes before mean and deviation. @defaultValue 1 */
  readonly range?: 1 | 255;
  /** @defaultValue 'rgb' */
  readonly channels?: 'rgb' | 'bgr';
  /** The larger image at which the publisher also tests. */
  readonly test?: { readonly size: number; readonly cropRatio: number };
}

const imagenet = { mean: imagenetMean, std: imagenetStd } as const;
const half = { mean: [0.5, 0.5, 0.5], std: [0.5, 0.5, 0.5] } as const;
const plain = { size: 224, cropRatio: 0.875, filter: 'bilinear' } as const;

/** docs/spec/zoo.md §2.3: what one group of weights after another expects. timm's names for its recipes are a1, a1h, a2, a3, ra2, tv, tv2 and so on. */
export const presets = {
  bilinear: { ...plain, ...imagenet },
  bicubic: { ...plain, ...imagenet, filter: 'bicubic' },
  /** torchvision's second weights: 232 pixels, then 224. */
  second: { ...plain, ...imagenet, cropRatio: 0.965 },
  secondBicubic: { ...plain, ...imagenet, cropRatio: 0.965, filter: 'bicubic' },
  /** Wightman 2021 (arXiv:2110.00476), A1 and A2. */
  strikesBack: { ...plain, ...imagenet, cropRatio: 0.95, filter: 'bicubic', test: { size: 288, cropRatio: 1 } },
  /** The same, A3: trained at 160 pixels. */
  strikesBack160: { ...imagenet, size: 160, cropRatio: 0.95, filter: 'bicubic', test: { size: 224, cropRatio: 0.95 } },
  bicubic288: { ...plain, ...imagenet, filter: 'bicubic', test: { size: 288, cropRatio: 0.95 } },
  bicubic256: { ...imagenet, size: 256, cropRatio: 0.95, filter: 'bicubic', test: { size: 320, cropRatio: 1 } },
  halfBilinear: { ...plain, ...half },
  mobilenetv1: { ...plain, ...half, filter: 'bicubic', test: { size: 256, cropRatio: 0.95 } },
  efficientnet: { ...plain, ...half, cropRatio: 0.9, filter: 'bicubic', test: { size: 256, cropRatio: 1 } },
  /** Neither mean nor deviation: bytes as 0 to 1. */
  unit: { ...plain, mean: [0, 0, 0], std: [1, 1, 1] },
  inception: { ...half, size: 299, cropRatio: 0.8975, filter: 'bicubic' },
  inceptionBilinear: { ...half, size: 299, cropRatio: 0.875, filter: 'bilinear' },
  bninception: { ...plain, range: 255, channels: 'bgr', mean: [104, 117, 128], std: [1, 1, 1] },
  /** The authors' Caffe files: they read BGR, but what is loaded of them has its first layer turned round. */
  caffe: { ...plain, range: 255, mean: [123, 117, 104], std: [1, 1, 1] },
  /** docs/spec/zoo.md §2.3; CIFAR's images are 32 pixels wide, so that nothing is cut off. */
  cifar: { size: 32, cropRatio: 1, filter: 'bilinear', mean: [0.4914, 0.4822, 0.4465], std: [0.2023, 0.1994, 0.201] },
} as const satisfies Readonly<Record<string, Preset>>;

export type PresetName = keyof typeof presets;

/** A preset as `preprocess` takes it. @throws InputError for what is none */
export function preprocessOptions(preset: Preset): PreprocessOptions {
  if (!Number.isFinite(preset?.size) || !Number.isFinite(preset.cropRatio)) throw new InputError('a preset has a size and a cropRatio');
  const { size, cropRatio, test: _, ...rest } = preset;
  return { ...rest, resize: Math.floor(size / cropRatio), crop: size };
}

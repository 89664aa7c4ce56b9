import { InputError, ShapeError } from '../errors.js';
import { imagenetMean, imagenetStd, type PerChannel } from '../io/preprocess.js';
import { checkPixels, mostPixelsMade, type Pixels } from '../io/resize.js';
import { flawOf, type Tensor, zerosLike } from '../tensor.js';
import { type ReadRow, resizeBilinear } from './bilinear.js';
import { checkSize, countBoxes, type Size } from './boxes.js';

/** How an image is made ready for a detector. */
export interface TransformRule {
  /** What the shorter side becomes, in pixels, */
  readonly minSize: number;
  /** unless the longer would become longer than this. */
  readonly maxSize: number;
  readonly mean: PerChannel;
  readonly std: PerChannel;
}

/** torchvision's: of `fasterrcnn_resnet50_fpn`, its `_v2` and `fasterrcnn_mobilenet_v3_large_fpn`; and of `fasterrcnn_mobilenet_v3_large_320_fpn`. */
export const transformRule: TransformRule = { minSize: 800, maxSize: 1333, mean: imagenetMean, std: imagenetStd };
export const transformRule320: TransformRule = { ...transformRule, minSize: 320, maxSize: 640 };

/** Networks halve their maps five times. */
const sizeDivisor = 32;

/** What goes into a detector. */
export interface Transformed {
  /** [N, 3, height, width], padded with 0 at the right and bottom. */
  readonly images: Tensor;
  /** Of each image after resizing, before padding. */
  readonly sizes: readonly Size[];
  /** Of each image before resizing. */
  readonly originals: readonly Size[];
}

/**
 * The size that an image is resized to (torchvision 0.14's `GeneralizedRCNNTransform`): ⌊side · scale⌋, where scale = min(minSize / shorter side,
 * maxSize / longer side). torchvision computes the scale in float32, by reciprocals. So 427 × 640 becomes 799 × 1199 under 800 and 1333.
 *
 * @returns a side may be 0, of an image that is very narrow
 * @throws InputError for extents that are not whole and positive, or limits that are not above 0
 */
export function resizedSize(image: Size, { minSize, maxSize }: Pick<TransformRule, 'minSize' | 'maxSize'>): Size {
  checkSize('the image', image);
  for (const [name, limit] of Object.entries({ minSize, maxSize }))
    if (!(Number.isFinite(limit) && limit > 0)) throw new InputError(`${name} must be a number above 0, not ${limit}`);
  const float32 = Math.fround;
  const byShorter = float32(float32(1 / Math.min(...image)) * float32(minSize));
  const byLonger = float32(float32(1 / Math.max(...image)) * float32(maxSize));
  const scale = Math.min(byShorter, byLonger);
  return [Math.floor(image[0] * scale), Math.floor(image[1] * scale)];
}

/** The size of a batch: the largest height and width, each rounded up to a multiple of 32. */
export function paddedSize(sizes: readonly Size[]): Size {
  const padded = (axis: 0 | 1): number => Math.ceil(Math.max(...sizes.map((size) => size[axis])) / sizeDivisor) * sizeDivisor;
  return [padded(0), padded(1)];
}

/**
 * Images made ready for a detector: (value − mean) / std, then resized, then padded with 0 (torchvision's `GeneralizedRCNNTransform`). Computed in float64
 * and rounded once.
 *
 * @param images pixels, which are divided by 255, or tensors [3, H, W] in 0..1
 * @returns a batch in float32, or in float64 if all images are tensors of float64
 * @throws InputError for what is no image, an image that would have no rows or columns, a batch of more than 2²⁸ pixels, or no images; ShapeError for
 *   tensors of another shape
 */
export function transformImages(images: readonly (Pixels | Tensor)[], rule: TransformRule): Transformed {
  if (images.length === 0) throw new InputError('transform: there must be at least one image');
  const originals = images.map(sizeOfImage);
  const sizes = originals.map((size) => {
    const [height, width] = resizedSize(size, rule);
    if (height === 0 || width === 0)
      throw new InputError(`an image of ${size[1]}×${size[0]} would be resized to ${width}×${height}: it is too narrow`);
    return [height, width] as const;
  });
  const [height, width] = paddedSize(sizes);
  const plane = height * width;
  if (images.length * plane > mostPixelsMade)
    throw new InputError(
      `a batch of ${images.length}×${width}×${height} is more than 2^28 pixels: fewer images at a time, or smaller sizes`,
    );

  const precision: Tensor = { shape: [0], data: images.every(isFloat64) ? new Float64Array(0) : new Float32Array(0) };
  const batch = zerosLike(precision, [images.length, 3, height, width]);
  images.forEach((image, n) => {
    for (const c of [0, 1, 2] as const)
      resizeBilinear(normalisedRows(image, c, rule), originals[n] as Size, sizes[n] as Size, batch.data, (n * 3 + c) * plane, width);
  });
  return { images: batch, sizes, originals };
}

/**
 * Boxes of a resized image in the original: each axis by its own ratio of sizes, a float32 number as in torchvision's `resize_boxes`.
 *
 * @throws ShapeError unless the boxes are rows of four; InputError for extents that are not whole and positive
 */
export function restoreBoxes(boxes: Float64Array, resized: Size, original: Size): Float64Array {
  countBoxes('restore', boxes);
  checkSize('the resized image', resized);
  checkSize('the original image', original);
  const down = Math.fround(original[0] / resized[0]);
  const across = Math.fround(original[1] / resized[1]);
  return boxes.map((value, i) => value * (i % 2 === 0 ? across : down));
}

const isTensor = (image: Pixels | Tensor): image is Tensor => typeof image === 'object' && image !== null && 'shape' in image;
const isFloat64 = (image: Pixels | Tensor): boolean => image.data instanceof Float64Array;

function sizeOfImage(image: Pixels | Tensor, index: number): Size {
  if (!isTensor(image)) {
    checkPixels(image);
    return [image.height, image.width];
  }
  const flaw = flawOf(image);
  if (flaw !== undefined) throw new InputError(`image ${index} ${flaw}`);
  const [channels, height, width] = image.shape;
  if (image.shape.length !== 3 || channels !== 3 || !height || !width)
    throw new ShapeError('an image is a tensor [3, height, width]', { image: image.shape });
  return [height, width];
}

/** Reads an image's rows in one channel, normalised. So a photograph is never held in float64 as a whole. */
function normalisedRows(image: Pixels | Tensor, channel: 0 | 1 | 2, { mean, std }: TransformRule): ReadRow {
  const m = mean[channel];
  const s = std[channel];
  const { data } = image;
  if (isTensor(image)) {
    const [, height, width] = image.shape as readonly [number, number, number];
    const first = channel * height * width;
    return (y, row) => {
      for (let x = 0, at = first + y * width; x < width; x++, at++) row[x] = ((data[at] as number) - m) / s;
    };
  }
  const { width } = image;
  const normalised = Float64Array.from({ length: 256 }, (_, byte) => (byte / 255 - m) / s);
  return (y, row) => {
    for (let x = 0, at = y * width * 3 + channel; x < width; x++, at += 3) row[x] = normalised[data[at] as number] as number;
  };
}

import { InputError } from '../errors.js';
import { crop, type Filter, type Pixels, type Rectangle, resize } from '../io/resize.js';
import type { Random } from './random.js';

/** A range of numbers, both ends among them. */
export type Range = readonly [least: number, most: number];

/**
 * A square from anywhere in the image with a black border (He 2016, arXiv:1512.03385, §4.2: for CIFAR, 32 pixels of 32 + 2·4).
 *
 * @throws InputError if the image with its border is smaller than the square
 */
export function padCrop(pixels: Pixels, { size, padding }: { readonly size: number; readonly padding: number }, random: Random): Pixels {
  const { width, height } = pixels;
  const right = width + padding - size;
  const bottom = height + padding - size;
  if (right < -padding || bottom < -padding)
    throw new InputError(
      `padCrop to ${size}×${size}: the image is ${width}×${height} pixels, ${padding} more on each side: put {"name":"resize","size":${size}} before it`,
    );
  return crop(pixels, { left: random.whole(-padding, right), top: random.whole(-padding, bottom), width: size, height: size });
}

export interface AreaCrop {
  /** The side of the square that it becomes, in pixels. */
  readonly size: number;
  /** Of the image's area. */
  readonly area: Range;
  /** Width over height. */
  readonly aspect: Range;
  readonly filter: Filter;
}

/** A rectangle of random area, aspect and place, resized to a square (Szegedy 2015, arXiv:1409.4842, §6; Hu 2018, §5). */
export const areaCrop = (pixels: Pixels, wanted: AreaCrop, random: Random): Pixels =>
  resize(crop(pixels, drawBox(pixels, wanted, random)), wanted.size, wanted.size, wanted.filter);

/**
 * As torchvision's RandomResizedCrop: areas are uniform, aspects uniform in their logarithm, so that wide is as likely as high; ten trials for a rectangle
 * that fits, then the largest in the middle whose aspect is allowed.
 */
function drawBox(image: Pixels, { area, aspect }: AreaCrop, random: Random): Rectangle {
  for (let trial = 0; trial < 10; trial++) {
    const pixels = image.width * image.height * random.between(...area);
    const ratio = Math.exp(random.between(Math.log(aspect[0]), Math.log(aspect[1])));
    const width = Math.round(Math.sqrt(pixels * ratio));
    const height = Math.round(Math.sqrt(pixels / ratio));
    if (width < 1 || height < 1 || width > image.width || height > image.height) continue;
    return { left: random.whole(0, image.width - width), top: random.whole(0, image.height - height), width, height };
  }
  const ratio = Math.min(aspect[1], Math.max(aspect[0], image.width / image.height));
  const width = Math.max(1, Math.min(image.width, Math.round(image.height * ratio)));
  const height = Math.max(1, Math.min(image.height, Math.round(image.width / ratio)));
  return { left: Math.floor((image.width - width) / 2), top: Math.floor((image.height - height) / 2), width, height };
}

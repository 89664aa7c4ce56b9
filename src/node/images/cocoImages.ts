import { join } from 'node:path';
import type { CocoImage } from '../../detect/ap/coco.js';
import { unique } from '../../detect/ap/groundTruth.js';
import type { Size } from '../../detect/boxes.js';
import { paddedSize, resizedSize, type TransformRule } from '../../detect/transform.js';
import { InputError } from '../../errors.js';
import { decodeImage } from '../../io/image.js';
import type { Pixels } from '../../io/resize.js';
import { readBytes } from '../files.js';

/** The images that an annotation file lists. */

/** An image on disk. */
export interface ListedImage extends Pick<CocoImage, 'id' | 'width' | 'height'> {
  /** As the annotation file has it. */
  readonly name: string;
  /** Where it is read. */
  readonly path: string;
}

/** Images by name in a folder. @throws InputError naming the image that has no name, or another's */
export function listedImages(images: readonly CocoImage[], folder: string): readonly ListedImage[] {
  const listed = images.map(({ id, width, height, file_name: name }, i): ListedImage => {
    if (!name) throw new InputError(`images[${i}].file_name is missing: it must be the name of an image`);
    return { id, width, height, name, path: join(folder, name) };
  });
  unique('images', 'file_name', listed, ({ name }) => name);
  return listed;
}

/** Those of one padded size one after another, since a detector is compiled for each. Images whose size is not told come last. */
export function bySize(images: readonly ListedImage[], limits: Pick<TransformRule, 'minSize' | 'maxSize'>): readonly ListedImage[] {
  const padded = ({ width, height }: ListedImage): Size =>
    isExtent(width) && isExtent(height) ? paddedSize([resizedSize([height, width], limits)]) : [Number.MAX_VALUE, 0];
  return images
    .map((image) => ({ image, size: padded(image) }))
    .sort((a, b) => a.size[0] - b.size[0] || a.size[1] - b.size[1])
    .map(({ image }) => image);
}

const isExtent = (side: number | undefined): side is number => Number.isSafeInteger(side) && (side as number) > 0;

/**
 * An image's pixels as they lie, as torchvision takes them: EXIF orientation is not applied.
 *
 * @throws InputError naming the file, if it cannot be read, or is not of the size that the annotations tell
 */
export async function readListed({ path, width, height }: ListedImage, tolerant: boolean): Promise<Pixels> {
  const pixels = await decodeImage(await readBytes(path), { file: path, tolerant });
  const expected = [width ?? pixels.width, height ?? pixels.height] as const;
  if (expected[0] === pixels.width && expected[1] === pixels.height) return pixels;
  const turned = expected[0] === pixels.height && expected[1] === pixels.width;
  const hint = turned ? ', since EXIF orientation is not applied' : '';
  throw new InputError(
    `${path}: expected ${expected.join('x')} pixels, as its annotations have it, found ${pixels.width}x${pixels.height}${hint}`,
  );
}

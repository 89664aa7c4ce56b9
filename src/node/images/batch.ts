import { type Augmentation, augment } from '../../data/augment.js';
import { collate } from '../../data/collate.js';
import { randomOf } from '../../data/random.js';
import { naming } from '../../errors.js';
import type { Normalisation } from '../../io/preprocess.js';
import type { Pixels } from '../../io/resize.js';
import type { Tensor } from '../../tensor.js';
import { checkFit, type Fit } from './fit.js';
import { readImage } from './image.js';
import { nameOf, type StoredImages } from './imageSet.js';

/** What becomes of images on their way to a network. */
export interface Preparation {
  readonly steps: readonly Augmentation[];
  readonly normalisation: Normalisation;
  /** What images must be after the steps. @defaultValue all as the first of their batch */
  readonly fit?: Fit;
}

/** A batch to be made: plain values. What chance does to an image depends on seed, epoch and its position in the epoch alone. */
export interface BatchJob extends Preparation {
  /** Indices of images. */
  readonly images: readonly number[];
  /** The first one's position in the epoch. */
  readonly first: number;
  readonly seed: number;
  readonly epoch: number;
}

/** Makes batches, [N, 3, H, W]. @throws InputError naming the image that cannot be read or does not fit */
export type BatchMaker = (job: BatchJob) => Promise<Tensor>;

export function batchMaker(stored: StoredImages): BatchMaker {
  const read = pixelReader(stored);
  return async ({ images, first, seed, epoch, steps, normalisation, fit }) => {
    const augmented: Pixels[] = [];
    for (const [n, image] of images.entries()) {
      const pixels = await read(image);
      augmented.push(
        naming(nameOf(stored, image), () => {
          const made = augment(pixels, steps, randomOf(seed, epoch, first + n));
          if (fit) checkFit(made, steps, fit);
          return made;
        }),
      );
    }
    return collate(augmented, normalisation, (n) => nameOf(stored, images[n] as number));
  };
}

/** Decoded images are kept up to so many bytes: all of a set of small ones, which then is decoded once. */
const keptBytes = 2 ** 29;

function pixelReader(stored: StoredImages): (image: number) => Promise<Pixels> {
  if (stored.kind === 'pixels') {
    const { width, height, data } = stored;
    const size = height * width * 3;
    return async (image) => ({ width, height, data: data.subarray(image * size, (image + 1) * size) });
  }
  const { paths, tolerant = false } = stored;
  const kept = new Map<number, Pixels>();
  let room = keptBytes;
  return async (image) => {
    const found = kept.get(image);
    if (found) return found;
    const pixels = await readImage(paths[image] as string, { tolerant });
    if (pixels.data.length <= room && !kept.has(image)) {
      kept.set(image, pixels);
      room -= pixels.data.length;
    }
    return pixels;
  };
}

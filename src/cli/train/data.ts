import { createHash } from 'node:crypto';
import { order } from '../../data/order.js';
import type { TrainingConfig } from '../../train/config.js';
import type { Batch } from '../../train/step.js';
import { openImages } from '../data/images.js';
import { openLoader } from '../data/loader.js';
import type { ReadOptions } from '../image.js';

/** The images of a run. */
export interface TrainingData extends Disposable {
  /** What the classes are called, by index. */
  readonly classes: readonly string[];
  /** To train on, and to test with. */
  readonly images: number;
  readonly tests: number;
  /** Names the two sets: the same for as many images of the same classes in the same order. */
  readonly key: string;
  /** The batches of an epoch, counted from 0, from one of them on: whole ones only, their order and augmentation a function of the seed and these. */
  batches(epoch: number, from: number): AsyncIterable<Batch>;
  /** The test set as it is; the last batch may be smaller. */
  test(): AsyncIterable<Batch>;
}

/** @throws InputError naming the file or folder that cannot be read, or has other classes than the other set */
export async function openData(
  { data, batch: size, seed, augmentation, preparation, normalisation, balanced }: TrainingConfig,
  { tolerant = false }: ReadOptions = {},
): Promise<TrainingData> {
  const train = await openImages(data.train, { split: 'train', tolerant });
  const test = await openImages(data.test, { split: 'test', classes: train.classes, tolerant });
  const [trainLoader, testLoader] = [openLoader(train), openLoader(test)];
  return {
    classes: train.classes,
    images: train.labels.length,
    tests: test.labels.length,
    key: createHash('sha256')
      .update(JSON.stringify([train.classes, train.labels, test.labels]))
      .digest('hex'),
    batches(epoch, from) {
      const whole = Math.floor(train.labels.length / size) * size;
      const images = order(seed, epoch, train.labels, { balanced }).slice(0, whole);
      return trainLoader.batches({ order: images, size, from, seed, epoch, steps: augmentation, normalisation });
    },
    test: () => testLoader.batches({ order: [...test.labels.keys()], size, seed, epoch: 0, steps: preparation, normalisation }),
    [Symbol.dispose]() {
      trainLoader[Symbol.dispose]();
      testLoader[Symbol.dispose]();
    },
  };
}

import { createHash } from 'node:crypto';
import type { ClassesBy } from '../../data/classNames.js';
import { order } from '../../data/order.js';
import type { PassedOver } from '../../data/passedOver.js';
import type { DecodeOptions } from '../../io/image.js';
import { findModel } from '../../models/index.js';
import type { TrainingConfig } from '../../train/config.js';
import type { Batch } from '../../train/step.js';
import { batchMaker } from '../images/batch.js';
import { noteReading } from '../images/dataset.js';
import { openImages } from '../images/images.js';
import { openLoader } from '../images/loader.js';

/** The images of a run. */
export interface TrainingData extends Disposable {
  /** What the classes are called, by index. */
  readonly classes: readonly string[];
  readonly classesBy: ClassesBy;
  /** Of the two sets' folders. */
  readonly passedOver: { readonly train: PassedOver; readonly test: PassedOver };
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

/** @throws InputError naming the file or folder that cannot be read, or has other classes than the other set, or whose first image does not fit */
export async function openData(config: TrainingConfig, { tolerant = false }: Pick<DecodeOptions, 'tolerant'> = {}): Promise<TrainingData> {
  const { data, batch: size, seed, normalisation, balanced } = config;
  const train = await openImages(data.train, { split: 'train', tolerant });
  const test = await openImages(data.test, { split: 'test', classes: train.classes, tolerant });
  noteReading(data.train, train);
  if (data.test !== data.train) noteReading(data.test, test);
  const side = config.size ?? findModel(config.model).size;
  const augmentation = { steps: config.augmentation, normalisation, fit: { side, key: 'augmentation' } } as const;
  const preparation = { steps: config.preparation, normalisation, fit: { side, key: 'preparation' } } as const;
  // the first image of each set, lest an epoch be trained before a test set that does not fit
  await batchMaker(train.stored)({ images: [0], first: 0, seed, epoch: 0, ...augmentation });
  await batchMaker(test.stored)({ images: [0], first: 0, seed, epoch: 0, ...preparation });
  const [trainLoader, testLoader] = [openLoader(train), openLoader(test)];
  return {
    classes: train.classes,
    classesBy: train.classesBy,
    passedOver: { train: train.passedOver, test: test.passedOver },
    images: train.labels.length,
    tests: test.labels.length,
    key: createHash('sha256')
      .update(JSON.stringify([train.classes, train.labels, test.labels]))
      .digest('hex'),
    batches(epoch, from) {
      const whole = Math.floor(train.labels.length / size) * size;
      const images = order(seed, epoch, train.labels, { balanced }).slice(0, whole);
      return trainLoader.batches({ order: images, size, from, seed, epoch, ...augmentation });
    },
    test: () => testLoader.batches({ order: [...test.labels.keys()], size, seed, epoch: 0, ...preparation }),
    [Symbol.dispose]() {
      trainLoader[Symbol.dispose]();
      testLoader[Symbol.dispose]();
    },
  };
}

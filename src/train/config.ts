import {
  atLeast,
  flag,
  listOf,
  named,
  object,
  oneOf,
  optional,
  positive,
  type Read,
  range,
  record,
  share,
  shareBelow1,
  text,
  three,
  wholeFrom,
} from '../io/schema.js';
import { adamWLimits } from './adamw.js';
import { seeds } from './initialise.js';
import { cosineLimits, oneCycleLimits, rates, stepLimits } from './schedule.js';
import { sgdLimits } from './sgd.js';

/** How the rate goes along the steps, from the `lr` of the configuration, the first or the largest one; epochs are of the whole training set. */
const schedule = named({
  constant: {},
  /** The rate falls by `factor` after each of the epochs `at`. */
  step: { ...stepLimits, at: listOf(wholeFrom(1)) },
  /** Half a cosine, to `end`. */
  cosine: cosineLimits,
  /** Up during the share `rise` of all steps, down during the rest; `start` and `end` as PyTorch has them. */
  'one-cycle': oneCycleLimits,
});

/** Weight decay is for every parameter, as in PyTorch. */
const optimiser = named({
  sgd: { ...sgdLimits, momentum: optional(shareBelow1, 0.9) },
  adamw: { ...adamWLimits, eps: optional(positive, 1e-8) },
});

/** An image of this side takes 0.8 GB. */
const side = wholeFrom(1, 2 ** 14);

/** Sizes are in pixels, areas shares of the image's, aspects width over height: src/data/augment.ts. */
const filter = oneOf('bilinear', 'bicubic');
const step = named({
  resize: { size: side, filter: optional(filter, 'bilinear') },
  centreCrop: { size: side },
  padCrop: { size: side, padding: wholeFrom(0, 2 ** 14) },
  areaCrop: {
    size: side,
    area: optional(range(share), [0.08, 1]),
    aspect: optional(range(positive), [3 / 4, 4 / 3]),
    filter: optional(filter, 'bilinear'),
  },
  rotate: { degrees: positive },
  jitter: { brightness: optional(share, 0), contrast: optional(share, 0), saturation: optional(share, 0) },
  flip: {},
});

/** In units of 0 to 1, a number a channel. */
const normalisation = object({ mean: three(atLeast(0)), std: three(positive) });

/** What `senet train` reads: docs/training.md says what each key does. */
const trainingConfig = object({
  /** As `createModel` takes it. */
  model: text,
  /** The network's variant: reduction, squeeze, excitation, gateBias, placement, stages, se. */
  options: optional(record, {}),
  /** Side of the network's image. */
  size: optional(side),
  data: object({ train: text, test: text }),
  /** What becomes of an image to train on, in order; and of one to test with. */
  augmentation: optional(listOf(step), []),
  preparation: optional(listOf(step), []),
  normalisation: optional(normalisation, { mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] }),
  /** Classes are drawn alike often. */
  balanced: optional(flag, false),
  batch: optional(wholeFrom(1), 128),
  epochs: wholeFrom(1),
  optimiser: optional(optimiser, optimiser.read({ name: 'sgd' }, 'optimiser')),
  lr: rates,
  schedule: optional(schedule, { name: 'constant' }),
  /** Weights to begin with; without them He's. */
  init: optional(text),
  /** Parameters and modules by name that begin anew although `init` has them. */
  anew: optional(listOf(text), []),
  /** It is trained on what its 8-bit self computes. */
  quantise: optional(flag, false),
  /** Label smoothing. */
  smoothing: optional(share, 0),
  /** The largest norm of a step's gradient. */
  clip: optional(positive),
  /** Decay of the exponential moving average of the weights. */
  average: optional(shareBelow1),
  /** Of the first weights, of the order of the images and of their augmentation. */
  seed: optional(seeds, 0),
  threads: optional(wholeFrom(1), 1),
  kernels: optional(oneOf('auto', 'strict', 'relaxed'), 'auto'),
  algorithms: optional(oneOf('direct', 'fast'), 'fast'),
  /** Steps between lines of metrics. */
  logEvery: optional(wholeFrom(1), 50),
  /** Steps between checkpoints; one more is written after each epoch. */
  checkpointEvery: optional(wholeFrom(1), 100),
});

export type TrainingConfig = Read<typeof trainingConfig>;
export type ScheduleConfig = Read<typeof schedule>;
export type OptimiserConfig = Read<typeof optimiser>;

/**
 * A configuration with its defaults filled in.
 *
 * @throws InputError naming the key, what it must be and what it is; for an unknown key, the nearest that there is.
 */
export const readConfig = (value: unknown): TrainingConfig => trainingConfig.read(value, '');

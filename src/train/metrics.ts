import { type Kind, number, objectWith, oneOf, optional, share, wholeFrom } from '../io/schema.js';

/** A mean over the images of some steps. */
export interface Tally {
  readonly images: number;
  readonly correct: number;
  /** Sum of the images' losses. */
  readonly loss: number;
}

export const nothing: Tally = { images: 0, correct: 0, loss: 0 };

export const tallied = (a: Tally, b: Tally): Tally => ({
  images: a.images + b.images,
  correct: a.correct + b.correct,
  loss: a.loss + b.loss,
});

/** Mean loss, and the share of images that are classified right. */
export interface Score {
  readonly loss: number;
  readonly accuracy: number;
}

export const scoreOf = ({ images, correct, loss }: Tally): Score => ({ loss: loss / images, accuracy: correct / images });

/** What training was like: on augmented images, by weights that changed meanwhile. */
interface Line extends Score {
  /** Steps taken. */
  readonly step: number;
  /** The rate of the last of them. */
  readonly lr: number;
}

/** The steps since the line before. */
export interface StepLine extends Line {
  readonly kind: 'step';
  readonly imagesPerSecond: number;
}

/** A whole epoch, and what the network does with the test set after it. */
export interface EpochLine extends Line {
  readonly kind: 'epoch';
  /** Counted from 1. */
  readonly epoch: number;
  readonly test: Score;
  /** The test set by the averaged weights, where an average is kept. */
  readonly average?: Score;
  /** Since the run began, interruptions left out. */
  readonly seconds: number;
}

export type MetricsLine = StepLine | EpochLine;

const score = objectWith({ loss: number, accuracy: share });
const line = { step: wholeFrom(0), lr: number, loss: number, accuracy: share };
const kinds = objectWith({ kind: oneOf('step', 'epoch') });
const stepLine = objectWith({ kind: oneOf('step'), ...line, imagesPerSecond: number });
const epochLine = objectWith({
  kind: oneOf('epoch'),
  ...line,
  epoch: wholeFrom(1),
  test: score,
  average: optional(score),
  seconds: number,
});

export const metricsLine: Kind<MetricsLine> = {
  what: 'a line of metrics',
  read(value, path) {
    const { kind } = kinds.read(value, path);
    (kind === 'step' ? stepLine : epochLine).read(value, path);
    return value as MetricsLine; // as it was written: it will be written again
  },
};

import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { InputError } from '../../errors.js';
import { type Kind, number, objectWith, oneOf, optional, share, wholeFrom } from '../../train/schema.js';
import { naming, unreadable } from '../files.js';
import { parseJson } from '../json.js';
import { writeNow } from '../writeNow.js';

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

const metricsLine: Kind<MetricsLine> = {
  what: 'a line of metrics',
  read(value, path) {
    const { kind } = kinds.read(value, path);
    (kind === 'step' ? stepLine : epochLine).read(value, path);
    return value as MetricsLine; // as it was written: it will be written again
  },
};

/** The lines of a run, a JSON object each. */
export interface Metrics extends Disposable {
  readonly lines: readonly MetricsLine[];
  /** Written before it returns. */
  add(line: MetricsLine): void;
}

/** Opens the file, without what was written after the checkpoint that a run goes on from, which is at so many steps and whole epochs. */
export function openMetrics(file: string, at: { readonly steps: number; readonly epochs: number }): Metrics {
  const lines: MetricsLine[] = readMetrics(file).filter((line) =>
    line.kind === 'epoch' ? line.epoch <= at.epochs : line.step <= at.steps,
  );
  writeNow(file, lines.map((line) => `${JSON.stringify(line)}\n`).join(''));
  const handle = openSync(file, 'a');
  return {
    lines,
    add(line) {
      lines.push(line);
      try {
        writeSync(handle, `${JSON.stringify(line)}\n`);
      } catch (cause) {
        throw new InputError(`${file}: cannot be written (${(cause as NodeJS.ErrnoException).code})`, { cause });
      }
    },
    [Symbol.dispose]: () => closeSync(handle),
  };
}

/**
 * The lines of a file that may not be there, and that a run may be writing to; a process that was killed may have left half a line at its end.
 *
 * @throws InputError naming the file that cannot be read, or its damaged line
 */
export function readMetrics(file: string): MetricsLine[] {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(file, cause);
  }
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line, i) => naming(`${file}: line ${i + 1}`, () => metricsLine.read(parseJson(line), '')));
}

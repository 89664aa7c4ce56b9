import { InputError } from '../errors.js';
import { atLeast, listOf, object, optional, positive, share, wholeFrom } from '../io/schema.js';
import { shown } from '../tensor.js';
import { optionsOf } from './given.js';

/** The learning rate of each step, counted from 0. */
export type Schedule = (step: number) => number;

/** Of the first or the largest rate. A run's configuration has it too, and so the other limits below. */
export const rates = positive;

const steps = wholeFrom(1);

export interface StepOptions {
  /** The first rate. */
  readonly lr: number;
  /** The steps from which on the rate is smaller, ascending. */
  readonly at: readonly number[];
  /** What the rate is multiplied by there. @defaultValue 0.1 */
  readonly factor?: number;
}

export const stepLimits = { at: listOf(wholeFrom(0)), factor: optional(positive, 0.1) };

const stepOptions = object({ lr: rates, ...stepLimits });

/** A rate that falls by a factor at given steps (Hu 2018, §5: tenfold every 30 epochs). @throws InputError for an option that is wrong */
export function stepSchedule(options: StepOptions): Schedule {
  const { lr, at, factor } = optionsOf('stepSchedule', stepOptions, options);
  return counted((step) => lr * factor ** at.filter((begin) => begin <= step).length);
}

export interface CosineOptions {
  /** The first rate. */
  readonly lr: number;
  /** Steps until the last rate. */
  readonly steps: number;
  /** The last rate. @defaultValue 0 */
  readonly end?: number;
}

export const cosineLimits = { end: optional(atLeast(0), 0) };

const cosineOptions = object({ lr: rates, steps, ...cosineLimits });

/**
 * Half a cosine from the first rate to the last (Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5, without restarts).
 *
 * @throws InputError for an option that is wrong
 */
export function cosineSchedule(options: CosineOptions): Schedule {
  const { lr, steps, end } = optionsOf('cosineSchedule', cosineOptions, options);
  return counted((step) => halfCosine(lr, end, Math.min(step / steps, 1)));
}

export interface OneCycleOptions {
  /** The largest rate. */
  readonly lr: number;
  readonly steps: number;
  /** Share of the steps in which the rate rises. @defaultValue 0.3 */
  readonly rise?: number;
  /** The first rate. @defaultValue lr / 25 */
  readonly start?: number;
  /** The last rate. @defaultValue start / 10⁴ */
  readonly end?: number;
}

export const oneCycleLimits = { rise: optional(share, 0.3), start: optional(positive), end: optional(atLeast(0)) };

const oneCycleOptions = object({ lr: rates, steps, ...oneCycleLimits });

/**
 * Up by half a cosine and down by another (Smith & Topin 2018, arXiv:1708.07120), with PyTorch's defaults.
 *
 * @throws InputError for an option that is wrong
 */
export function oneCycleSchedule(options: OneCycleOptions): Schedule {
  const { lr, steps, rise, start = lr / 25, end = start / 1e4 } = optionsOf('oneCycleSchedule', oneCycleOptions, options);
  const top = rise * steps - 1;
  return counted((step) => {
    if (step === top) return lr; // a rise, or a fall, of no steps
    return step < top ? halfCosine(start, lr, step / top) : halfCosine(lr, end, Math.min((step - top) / (steps - 1 - top), 1));
  });
}

/** @throws InputError for a step that is none, whose rate would be no number */
const counted =
  (rate: Schedule): Schedule =>
  (step) => {
    if (typeof step !== 'number' || !(step >= 0)) throw new InputError(`a schedule takes a step, a number from 0, not ${shown(step)}`);
    return rate(step);
  };

/** From a to b as t goes from 0 to 1, level at both ends. */
const halfCosine = (a: number, b: number, t: number): number => b + ((a - b) * (1 + Math.cos(Math.PI * t))) / 2;

/** The learning rate of each step, counted from 0. */
export type Schedule = (step: number) => number;

export interface StepOptions {
  /** The first rate. */
  readonly lr: number;
  /** The steps from which on the rate is smaller, ascending. */
  readonly at: readonly number[];
  /** What the rate is multiplied by there. @defaultValue 0.1 */
  readonly factor?: number;
}

/** A rate that falls by a factor at given steps (Hu 2018, §5: tenfold every 30 epochs). */
export const stepSchedule =
  ({ lr, at, factor = 0.1 }: StepOptions): Schedule =>
  (step) =>
    lr * factor ** at.filter((begin) => begin <= step).length;

export interface CosineOptions {
  /** The first rate. */
  readonly lr: number;
  /** Steps until the last rate. */
  readonly steps: number;
  /** The last rate. @defaultValue 0 */
  readonly end?: number;
}

/** Half a cosine from the first rate to the last (Loshchilov & Hutter 2017, arXiv:1608.03983, eq. 5, without restarts). */
export const cosineSchedule =
  ({ lr, steps, end = 0 }: CosineOptions): Schedule =>
  (step) =>
    halfCosine(lr, end, Math.min(step / steps, 1));

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

/** Up by half a cosine and down by another (Smith & Topin 2018, arXiv:1708.07120), with PyTorch's defaults. */
export function oneCycleSchedule({ lr, steps, rise = 0.3, start = lr / 25, end = start / 1e4 }: OneCycleOptions): Schedule {
  const top = rise * steps - 1;
  return (step) => {
    if (step === top) return lr; // a rise, or a fall, of no steps
    return step < top ? halfCosine(start, lr, step / top) : halfCosine(lr, end, Math.min((step - top) / (steps - 1 - top), 1));
  };
}

/** From a to b as t goes from 0 to 1, level at both ends. */
const halfCosine = (a: number, b: number, t: number): number => b + ((a - b) * (1 + Math.cos(Math.PI * t))) / 2;

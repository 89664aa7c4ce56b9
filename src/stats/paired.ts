import { medianInterval } from './timing.js';

/** What two contenders' times say of each other, run by run. */
export interface Paired {
  readonly median: number;
  /** 95 % interval of the median. */
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

/** The ratios of a network's time with its gates to that without, less one, in per cent. */
export type SeCost = Paired;

/** The medians of what `measure` makes of the times of two contenders, run by run. */
export const paired = (a: readonly number[], b: readonly number[], measure: (a: number, b: number) => number): Paired => {
  const values = a.map((time, i) => measure(time, b[i] as number));
  return { ...medianInterval(values), pairs: values.length };
};

export const seCost = (withGates: readonly number[], without: readonly number[]): SeCost =>
  paired(withGates, without, (gated, bare) => 100 * (gated / bare - 1));

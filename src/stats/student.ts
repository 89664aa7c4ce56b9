/** 95 % of what may be expected, from `low` to `high`. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

export interface Sample extends Interval {
  readonly mean: number;
  /** The standard deviation, from n − 1 degrees of freedom. */
  readonly deviation: number;
}

/** Student's t between −t and t of which 95 % lie, for 1, 2, ... degrees of freedom. */
const student = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086,
  2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
] as const;

/** For degrees between two entries, and beyond the last, that of fewer: the interval is too wide rather than too narrow. */
export const studentT = (degrees: number): number => student[Math.min(Math.floor(degrees), student.length) - 1] as number;

const meanOf = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;

/** @param values two or more, of a normal distribution; the interval is that of their mean */
export function sampleOf(values: readonly number[]): Sample {
  const n = values.length;
  const mean = meanOf(values);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (n - 1));
  const half = (studentT(n - 1) * deviation) / Math.sqrt(n);
  return { mean, deviation, low: mean - half, high: mean + half };
}

/** The mean of b less that of a, whatever their variances (Welch 1947, Biometrika 34). */
export function welch(a: readonly number[], b: readonly number[]): Interval & { readonly difference: number } {
  const [one, other] = [sampleOf(a), sampleOf(b)];
  const [u, v] = [one.deviation ** 2 / a.length, other.deviation ** 2 / b.length];
  const difference = other.mean - one.mean;
  if (u + v === 0) return { difference, low: difference, high: difference };
  const degrees = (u + v) ** 2 / (u ** 2 / (a.length - 1) + v ** 2 / (b.length - 1));
  const half = studentT(degrees) * Math.sqrt(u + v);
  return { difference, low: difference - half, high: difference + half };
}

export const overlap = (a: Interval, b: Interval): boolean => a.low <= b.high && b.low <= a.high;

/** The mean of many values of one distribution, near enough normal. */
export function meanOfMany(values: readonly number[]): Interval & { readonly mean: number } {
  const mean = meanOf(values);
  const half = 1.96 * Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length / values.length);
  return { mean, low: mean - half, high: mean + half };
}

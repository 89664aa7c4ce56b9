/** How one of a file's expectations compares with what is computed. */
export interface Check {
  readonly name: string;
  /** Of whole numbers, indices and orders how many differ; else the largest difference, absolute or relative as the check has it. Null if a value is missing or NaN. */
  readonly error: number | null;
  readonly limit: number;
  readonly pass: boolean;
}

export const check = (name: string, error: number, limit: number): Check => ({
  name,
  error: Number.isFinite(error) ? error : null,
  limit,
  pass: error <= limit,
});

/** Whole numbers, indices and orders. */
export function exactly(name: string, found: ArrayLike<number>, expected: ArrayLike<number>): Check {
  let different = found.length === expected.length ? 0 : Number.NaN;
  for (let i = 0; i < expected.length; i++) if (found[i] !== expected[i]) different++;
  return check(name, different, 0);
}

/** What PyTorch's own float64 is reproduced to, relative to the largest number. */
export const float64Limit = 1e-9;

/**
 * Other numbers: max |a − b| / max |b|, b being the file's, less what b's digits leave open. A file rounds them to so many significant digits, and a right
 * result may lie half a unit of the last one away: 1.00000000 leaves 5 · 10⁻⁹ open. Where all are 0, the difference itself counts.
 *
 * @param digits that the file keeps: 12 of boxes, deltas and scores, 9 of maps
 */
export function closely(
  name: string,
  found: ArrayLike<number>,
  expected: ArrayLike<number>,
  digits: 9 | 12 = 12,
  limit = float64Limit,
): Check {
  let largest = 0;
  let difference = found.length === expected.length ? 0 : Number.NaN;
  for (let i = 0; i < expected.length; i++) {
    const value = expected[i] as number;
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs((found[i] as number) - value) - halfUnit(value, digits));
  }
  return check(name, largest === 0 ? difference : difference / largest, limit);
}

/**
 * Outputs of a quantised network: rounding the other way once is a quantum of the last quantised value, and a tenth of the numbers may be off by that much;
 * the others agree to `limit` of the largest. The error is the share that is off, or 1 where one is off by more.
 */
export function withinQuantum(name: string, found: ArrayLike<number>, expected: ArrayLike<number>, quantum: number, limit: number): Check {
  let [off, beyond] = [0, found.length !== expected.length];
  const largest = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  for (let i = 0; i < expected.length; i++) {
    const difference = Math.abs((found[i] as number) - (expected[i] as number));
    if (!(difference <= limit * largest)) off++;
    if (!(difference <= quantum + limit * largest)) beyond = true;
  }
  return check(name, beyond ? 1 : off / Math.max(1, expected.length), 0.1);
}

/** Half a unit of a number's last significant digit: at most 5 · 10⁻⁹ of 1 with nine. Of 0, which has none, 0. */
function halfUnit(value: number, digits: number): number {
  if (value === 0) return 0;
  const exponent = Number(value.toExponential().split('e')[1]);
  return 0.5 * 10 ** (exponent - digits + 1);
}

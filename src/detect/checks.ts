import { largestDifference, relativeError } from '../stats/error.js';

/** How one of a file's expectations compares with what is computed. */
export interface Check {
  readonly name: string;
  /** Of whole numbers, indices and orders how many differ; else max |a − b| / max |b|. Null if a value is missing or NaN. */
  readonly error: number | null;
  readonly limit: number;
  readonly pass: boolean;
}

/** The published limit in float64 of what is not counted, relative to the largest. */
const limit = 1e-9;

/** Of whole numbers, indices and orders. */
export function exactly(name: string, found: ArrayLike<number>, expected: ArrayLike<number>): Check {
  let different = 0;
  for (let i = 0; i < expected.length; i++) if (found[i] !== expected[i]) different++;
  const error = found.length === expected.length ? different : null;
  return { name, error, limit: 0, pass: error === 0 };
}

/** Of other numbers; where all are expected to be 0, the difference itself counts. */
export function closely(name: string, found: ArrayLike<number>, expected: ArrayLike<number>): Check {
  const relative = relativeError(found, expected);
  const difference = Number.isNaN(relative) || relative === Number.POSITIVE_INFINITY ? largestDifference(found, expected) : relative;
  const error = Number.isFinite(difference) ? difference : null;
  return { name, error, limit, pass: error !== null && error <= limit };
}

/** How one of a file's expectations compares with what is computed. */
export interface Check {
  readonly name: string;
  /** Of what must be the same how much differs; else the largest difference, as the check has it. Null if a value is missing or NaN. */
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

/** Whole numbers: how many differ. */
export function same(name: string, found: readonly number[], expected: readonly number[]): Check {
  const differing = found.length === expected.length ? expected.filter((value, i) => found[i] !== value).length : Number.NaN;
  return check(name, differing, 0);
}

/** max |a − b|; NaN if the two are not of one length, or a value is NaN. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Number.NaN;
  let largest = 0;
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs((a[i] as number) - (b[i] as number)));
  return largest;
}

/** max |a − b| / max |b|, b being the truth; NaN as `largestDifference`. */
export function relativeError(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let largest = 0;
  for (let i = 0; i < b.length; i++) largest = Math.max(largest, Math.abs(b[i] as number));
  return largestDifference(a, b) / largest;
}

/** The ratio of signal to noise in decibels, 10 · log₁₀(Σ b² / Σ (a − b)²), b being the truth: Infinity if they are equal, NaN as `largestDifference`. */
export function decibels(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [signal, noise] = [0, a.length === b.length ? 0 : Number.NaN];
  for (let i = 0; i < b.length; i++) {
    signal += (b[i] as number) ** 2;
    noise += ((a[i] as number) - (b[i] as number)) ** 2;
  }
  return noise === 0 ? Infinity : 10 * Math.log10(signal / noise);
}

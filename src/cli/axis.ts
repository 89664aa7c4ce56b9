/** From the least to the most, and not nothing; of nothing, 0 to 1. */
export function span(values: readonly number[]): readonly [low: number, high: number] {
  if (values.length === 0) return [0, 1];
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const around = Math.max(0.5, Math.abs(low) / 2 ** 20); // half a unit is nothing to a large number
  return high > low ? [low, high] : [low - around, high + around];
}

/** Four to eight round numbers within. */
export function ticks(low: number, high: number): readonly number[] {
  const rough = (high - low) / 5;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * unit >= rough) ?? 10) * unit;
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, i) => (first + i) * step);
}

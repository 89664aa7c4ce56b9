/** From the least to the most, and not nothing: a single value has half of itself to either side. Of nothing, 0 to 1. */
export function span(values: readonly number[]): readonly [low: number, high: number] {
  if (values.length === 0) return [0, 1];
  const low = values.reduce((least, value) => Math.min(least, value), Infinity);
  const high = values.reduce((most, value) => Math.max(most, value), -Infinity);
  const room = Math.abs(low) / 2 || 0.5;
  return high > low ? [low, high] : [low - room, high + room];
}

/** Four to eight round numbers within, the ends included: 5 · 0.02 is 0.1, though not in binary. */
export function ticks(low: number, high: number): readonly number[] {
  const rough = (high - low) / 5;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 5, 10].find((factor) => factor * unit >= rough) ?? 10) * unit;
  const slack = 1e-6; // of a step: less than a pixel
  const first = Math.ceil(low / step - slack);
  return Array.from({ length: Math.floor(high / step + slack) - first + 1 }, (_, i) => (first + i) * step);
}

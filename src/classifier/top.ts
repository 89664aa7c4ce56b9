/** Probabilities of logits: softmax, in float64. */
export function probabilities(logits: Float32Array): Float64Array {
  const largest = logits.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The indices of the `count` largest values, largest first; of equal ones the lower index. */
export function topIndices(values: Float32Array, count: number): readonly number[] {
  const order = Array.from(values, (_, index) => index);
  return order.sort((a, b) => (values[b] as number) - (values[a] as number) || a - b).slice(0, count);
}

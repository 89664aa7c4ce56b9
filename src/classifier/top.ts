/** Probabilities of logits: softmax, in float64. */
export function probabilities(logits: Float32Array | Float64Array): Float64Array {
  const largest = (logits as Float64Array).reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (value) => Math.exp(value - largest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}

/** The indices of the `count` largest values, largest first; of equal ones that of the larger in `ties`, else the lower index. */
export function topIndices(
  values: Float32Array | Float64Array,
  count: number,
  ties: Float32Array | Float64Array = values,
): readonly number[] {
  const over = (of: Float32Array | Float64Array, a: number, b: number): number => (of[b] as number) - (of[a] as number);
  const order = Array.from(values, (_, index) => index);
  return order.sort((a, b) => over(values, a, b) || over(ties, a, b) || a - b).slice(0, count);
}

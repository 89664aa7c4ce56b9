import type { Answer } from '../models/model.js';

/** Softmax, in float64. */
export function probabilities(logits: Float32Array): Float64Array {
  const highest = logits.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY);
  const powers = Float64Array.from(logits, (x) => Math.exp(x - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((x) => x / sum);
}

/** The classes of the k highest scores, the highest first; of equal ones the first. */
export function topClasses(scores: Float32Array | Float64Array, k: number): readonly number[] {
  const at = (index: number): number => scores[index] as number;
  return Array.from(scores, (_, index) => index)
    .sort((a, b) => at(b) - at(a) || a - b)
    .slice(0, k);
}

export const labelOf = ({ labels }: Answer, index: number): string | undefined => labels?.[index];

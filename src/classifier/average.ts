import { probabilities } from './top.js';

/** What is averaged over views and members. The two differ, and so may the order of the classes. */
export type Average = 'probabilities' | 'logits';

export const averages: readonly Average[] = ['probabilities', 'logits'];

/** What is known of a picture by one view, or by several: a number per class each. */
export interface Scoring {
  readonly logits: Float32Array | Float64Array;
  readonly probabilities: Float64Array;
}

/** Of one view. */
export const scoring = (logits: Float32Array | Float64Array): Scoring => ({ logits, probabilities: probabilities(logits) });

/**
 * The mean of what is given, in float64: of logits, and of probabilities; or, where logits are averaged, the softmax of the mean logits.
 *
 * @param weights one for each, above 0; only their ratios count. @defaultValue all the same
 */
export function meanOf(parts: readonly Scoring[], average: Average, weights: readonly number[] = parts.map(() => 1)): Scoring {
  const logits = mean(
    parts.map((part) => part.logits),
    weights,
  );
  return average === 'logits'
    ? scoring(logits)
    : {
        logits,
        probabilities: mean(
          parts.map((part) => part.probabilities),
          weights,
        ),
      };
}

function mean(rows: readonly ArrayLike<number>[], weights: readonly number[]): Float64Array {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const sums = new Float64Array(rows[0]?.length ?? 0);
  rows.forEach((row, r) => {
    for (let i = 0; i < sums.length; i++) sums[i] = (sums[i] as number) + (weights[r] as number) * (row[i] as number);
  });
  return sums.map((sum) => sum / total);
}

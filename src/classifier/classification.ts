import { type Average, meanOf, type Scoring } from './average.js';
import type { Excited } from './excited.js';
import type { Network } from './network.js';
import { topIndices } from './top.js';

/** What a network says of a picture. */
export interface Classification {
  /** The most probable classes, the most probable first. */
  readonly top: readonly { readonly index: number; readonly label: string; readonly probability: number }[];
  /** A number per class, all finite; of several views their mean. */
  readonly logits: Float32Array;
  /** A number per class, in float64: the softmax of the logits, or the mean over the views, as `average` says. */
  readonly probabilities: Float64Array;
  /** The excitations of every SE block, by module path, a number per channel; empty unless asked for. */
  readonly gates: ReadonlyMap<string, Float32Array>;
  /** How each gate came about, by its name; empty unless asked for. */
  readonly excitations: ReadonlyMap<string, Excited>;
}

/** One answer of several: of views, or of networks. @param weights as `meanOf` takes them */
export function classification(
  { labels }: Pick<Network, 'labels'>,
  parts: readonly Scoring[],
  average: Average,
  count: number,
  weights?: readonly number[],
): Pick<Classification, 'top' | 'logits' | 'probabilities'> {
  const { logits, probabilities } = parts.length === 1 ? (parts[0] as Scoring) : meanOf(parts, average, weights);
  const order = topIndices(probabilities, count, logits); // small probabilities may be the same
  return {
    top: order.map((index) => ({ index, label: labels?.[index]?.name ?? String(index), probability: probabilities[index] as number })),
    logits: Float32Array.from(logits),
    probabilities,
  };
}

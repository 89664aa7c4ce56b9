import { parameterOf } from '../graph/evaluate.js';
import { share } from '../io/schema.js';
import { map } from '../tensor.js';
import { argumentOf, checkMap, checkTensorMap } from './given.js';
import type { Tensors } from './optimiser.js';

/**
 * Exponential moving average of weights (Polyak & Juditsky 1992; Szegedy 2016, arXiv:1512.00567, §8): decay · average + (1 − decay) · weights, for
 * every tensor, running statistics among them. The first average is the weights themselves.
 *
 * @throws WeightsError if the average lacks a tensor, or has it in another shape; InputError for what is no Map of tensors, or a decay that is not from 0 to 1.
 */
export function averageWeights(average: Tensors, weights: Tensors, decay: number): Tensors {
  checkMap('averageWeights', 'average', average);
  checkTensorMap('averageWeights', 'weights', weights);
  argumentOf('averageWeights', 'decay', share, decay);
  const averaged = [...weights].map(([name, w]) => {
    let i = 0;
    const next = (a: number): number => decay * a + (1 - decay) * (w.data[i++] as number);
    return [name, map(parameterOf(average, name, w.shape), next)] as const;
  });
  return new Map(averaged);
}

import type { Graph } from '../../graph/graph.js';
import { quantisedWith } from '../../quant/graph.js';
import { lookupIn, type QuantisedRecipe } from '../../quant/recipe.js';
import { quantisedWeights, roundedWeights } from '../../quant/weights.js';
import type { Tensors } from '../../train/optimiser.js';

/** What a run that trains for integers knows beside its network. */
export interface QuantisedNetwork {
  readonly recipe: QuantisedRecipe;
  /** The network of integers. */
  readonly graph: Graph;
  /** Its tensors, of the float network's. */
  weights(float: Tensors): Tensors;
  /** The float network's, each weight as what its integer stands for. */
  rounded(float: Tensors): Tensors;
}

export function quantisedNetwork(network: Graph, recipe: QuantisedRecipe): QuantisedNetwork {
  const quantised = quantisedWith(network, lookupIn(network, recipe), new Set(recipe.float));
  return {
    recipe,
    graph: quantised.graph,
    weights: (float) => quantisedWeights(network, quantised, float),
    rounded: (float) => roundedWeights(network, quantised, float),
  };
}

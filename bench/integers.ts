import type { Graph } from '../src/graph/graph.js';
import { lookupOf, observe } from '../src/quant/calibrate.js';
import { quantisedWith } from '../src/quant/graph.js';
import type { Lookup } from '../src/quant/recipe.js';
import { quantisedWeights } from '../src/quant/weights.js';
import type { Tensor } from '../src/tensor.js';
import type { CompileOptions } from '../src/wasm/options.js';
import { compile } from '../src/wasm/session.js';

/** A network in 8-bit integers. */
export interface Integers {
  readonly graph: Graph;
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** The ranges of its values. */
  readonly lookup: Lookup;
}

/**
 * Calibrated on one image: what a network takes in time does not depend on its ranges.
 *
 * @param whole values that are multiplied have all of a byte, where they have 7 bits else
 */
export async function integersOf(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  image: Tensor,
  options: CompileOptions = {},
  whole = false,
): Promise<Integers> {
  async function* images(): AsyncGenerator<Tensor> {
    yield image;
  }
  const observed = await observe(graph, weights, images(), (given, tensors) => compile(given, tensors, options));
  const narrow = lookupOf(observed, 'min-max');
  const lookup: Lookup = whole ? (id) => narrow(id, true) : narrow;
  const quantised = quantisedWith(graph, lookup, new Set());
  return { graph: quantised.graph, tensors: quantisedWeights(graph, quantised, weights), lookup };
}

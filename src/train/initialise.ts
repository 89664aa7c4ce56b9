import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { checkGraph } from '../graph/check.js';
import type { Graph } from '../graph/graph.js';
import { wholeFrom } from '../io/schema.js';
import type { Node, NodeId } from '../ops/op.js';
import { sizeOf, type Tensor } from '../tensor.js';
import { argumentOf } from './given.js';
import type { Tensors } from './optimiser.js';

/** A run's configuration has them too. */
export const seeds = wholeFrom(0);

/**
 * First weights (He 2015, arXiv:1502.01852, eq. 10): those of convolutions and linear layers are normal with variance 2/n, n the products in one of
 * the layer's sums; biases are 0; batch norms leave a normalised value as it is. Equal seeds give equal weights.
 *
 * @param graph in inference or in training mode
 * @throws PlanError for what is no graph; InputError for a seed that is no whole number from 0
 */
export function heWeights(graph: Graph, seed: number): Tensors {
  checkGraph(graph);
  const normal = normals(argumentOf('heWeights', 'seed', seeds, seed));
  const ones = startingAtOne(graph.nodes);
  const weights = new Map<string, Tensor>();
  for (const id of graph.parameters) {
    const { name, shape } = (graph.nodes[id] as Node<'param'>).attrs;
    const deviation = Math.sqrt(2 / sizeOf(shape.slice(1)));
    const value = shape.length >= 2 ? () => deviation * normal() : () => (ones.has(id) ? 1 : 0);
    weights.set(name, { shape, data: Float32Array.from({ length: sizeOf(shape) }, value) });
  }
  return weights;
}

/** The γ and the running variances of batch norms. */
function startingAtOne(nodes: readonly Node[]): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  for (const { op, inputs } of nodes) {
    const [first, second, , , fifth] = inputs as readonly [NodeId, NodeId, NodeId, NodeId, NodeId];
    if (op === 'batchNorm') for (const id of [second, fifth]) found.add(id);
    if (op === 'movingAverage' && nodes[second]?.op === 'channelVariance') found.add(first);
  }
  return found;
}

/** Standard normal numbers: the cosine half of Box & Muller 1958, over xoroshiro128+. */
function normals(seed: number): () => number {
  const random = xoroshiro128plus(seed);
  return () => {
    const radius = Math.sqrt(-2 * Math.log(1 - uniformFloat64(random)));
    return radius * Math.cos(2 * Math.PI * uniformFloat64(random));
  };
}

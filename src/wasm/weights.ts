import { WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import { parameterOf } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import { nearest } from '../graph/nearest.js';
import type { Tensor } from '../tensor.js';

/** @throws WeightsError naming the first tensor that is missing, misshapen, not of floats, not finite, or that the graph does not have. */
export function checkWeights(graph: Graph, weights: ReadonlyMap<string, Tensor>): void {
  const known = new Set<string>();
  for (const { name, shape } of parameters(graph)) {
    known.add(name);
    const { data } = parameterOf(weights, name, shape);
    if (!(data instanceof Float32Array || data instanceof Float64Array))
      throw new WeightsError(`tensor ${name}: expected a Float32Array or a Float64Array of values`, { tensor: name, shapes: { shape } });
    const at = firstNotFinite(data);
    if (at >= 0) throw new WeightsError(`tensor ${name} holds ${data[at]} at index ${at}`, { tensor: name, shapes: { shape } });
  }
  for (const [name, { shape }] of weights)
    if (!known.has(name))
      throw new WeightsError(`tensor ${name} is not one of the network's${nearest(name, [...known])}`, {
        tensor: name,
        shapes: { found: shape },
      });
}

/** A loop: `findIndex` with its call a value is felt on the 100 million weights of VGG's first fully connected layer. */
function firstNotFinite(data: Float32Array | Float64Array): number {
  for (let i = 0; i < data.length; i++) if (!Number.isFinite(data[i])) return i;
  return -1;
}

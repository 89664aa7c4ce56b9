import { WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import { checkTensors, parameterOf } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import { nearest } from '../graph/nearest.js';
import { isShape, type Tensor } from '../tensor.js';

/** @throws WeightsError naming the first tensor that is missing, misshapen, not filled by its values, not finite in float32, or that the graph does not have. */
export function checkWeights(graph: Graph, weights: ReadonlyMap<string, Tensor>): void {
  checkTensors(weights);
  const known = new Set<string>();
  for (const { name, shape } of parameters(graph)) {
    known.add(name);
    const { data } = parameterOf(weights, name, shape);
    const at = firstNotFinite(data);
    if (at >= 0) {
      const beyond = Number.isFinite(data[at]) ? ', more than float32 holds' : '';
      throw new WeightsError(`tensor ${name} holds ${data[at]} at index ${at}${beyond}`, { tensor: name, shapes: { shape } });
    }
  }
  for (const [name, extra] of weights)
    if (!known.has(name))
      throw new WeightsError(`tensor ${name} is not one of the network's${nearest(String(name), [...known])}`, {
        tensor: name,
        shapes: isShape(extra?.shape) ? { found: extra.shape } : {},
      });
}

/** The least number that float32 rounds to infinity. */
const overflow = 2 ** 128 - 2 ** 103;

/** A loop: `findIndex` with its call a value is felt on the 100 million weights of VGG's first fully connected layer. */
function firstNotFinite(data: Float32Array | Float64Array): number {
  for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i] as number) < overflow)) return i;
  return -1;
}

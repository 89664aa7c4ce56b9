import { rewrite } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import type { NodeId, Value } from '../ops/op.js';
import { keysOf, type QuantisedRecipe, quantisationIn } from './recipe.js';

/**
 * A float network that computes what its quantised self does: a value that the recipe knows is read as what its integer stands for, and gradients go straight
 * through. With `roundedWeights` it differs from `quantisedGraph` by float32's roundings alone, which now and then make the next integer.
 *
 * Batch norm stays in inference form, as it is: the integers have its running statistics folded into their weights.
 */
export function fakeQuantised(graph: Graph, recipe: QuantisedRecipe): Graph {
  const keys = keysOf(graph);
  const rounded = new Map<NodeId, Value>();
  const read = (id: NodeId, value: Value): Value => {
    const known = rounded.get(id);
    if (known !== undefined) return known;
    const y = quantisationIn(recipe, keys[id] as string);
    const found = y === undefined ? value : value.graph.emit('fakeQuantise', [value], { y });
    rounded.set(id, found);
    return found;
  };
  return rewrite(
    graph,
    ({ op, inputs: ids, attrs }, inputs) =>
      inputs[0]?.graph.emit(
        op,
        ids.map((id, i) => read(id, inputs[i] as Value)),
        attrs,
      ),
    () => [],
  );
}

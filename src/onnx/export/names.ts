import type { Graph } from '../../graph/graph.js';
import type { NodeId } from '../../ops/op.js';

/** What each node's value is called in a file: as the output that it is, else as the module that returns it (`layer1.0.conv1`), else `%` and its number. */
export function valueNames(graph: Graph): ReadonlyMap<NodeId, string> {
  const names = new Map<NodeId, string>();
  const taken = new Set(graph.outputs.keys());
  for (const { id, op, attrs } of graph.nodes)
    if (op === 'input' || op === 'param') {
      names.set(id, attrs.name);
      taken.add(attrs.name);
    }
  for (const [name, id] of graph.outputs) if (!names.has(id)) names.set(id, name);
  for (const [path, runs] of graph.modules ?? [])
    for (const [i, id] of runs.entries()) {
      const name = runs.length === 1 ? path : `${path}:${i + 1}`;
      if (names.has(id) || taken.has(name)) continue;
      names.set(id, name);
      taken.add(name);
    }
  for (const { id } of graph.nodes) if (!names.has(id)) names.set(id, `%${id}`);
  return names;
}

import type { Graph } from '../../graph/graph.js';
import type { NodeId } from '../../ops/op.js';

/** What names of our making start with: `%`, or more of them where a name of the graph does. */
export function markOf({ nodes, outputs }: Graph): string {
  const given = nodes.flatMap(({ op, attrs }) => (op === 'input' || op === 'param' ? [attrs.name] : []));
  let mark = '%';
  while ([...given, ...outputs.keys()].some((name) => name.startsWith(mark))) mark += '%';
  return mark;
}

/** What each node's value is called in a file: as the output that it is, else as the module that returns it (`layer1.0.conv1`), else the mark and its number. */
export function valueNames(graph: Graph, mark: string): ReadonlyMap<NodeId, string> {
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
      if (names.has(id) || taken.has(name) || name.startsWith(mark)) continue;
      names.set(id, name);
      taken.add(name);
    }
  for (const { id } of graph.nodes) if (!names.has(id)) names.set(id, `${mark}${id}`);
  return names;
}

import type { Graph } from '../../src/graph/graph.js';
import type { Node, NodeId } from '../../src/ops/op.js';
import { group } from '../../src/plan/group.js';

/**
 * The graph with a named output for each value that our kernels leave in memory: a layer with its batch norm and ReLU, a gate, a block's sum. To ask for
 * more would take the fused kernels apart, and measure what nobody runs.
 */
export function withPoints(graph: Graph): Graph {
  const paths = new Map<NodeId, string>();
  for (const [path, runs] of graph.modules ?? [])
    for (const id of runs) if (runs.length === 1 && path.length < (paths.get(id)?.length ?? Infinity)) paths.set(id, path);
  const outputs = new Map<string, NodeId>();
  for (const members of group(graph)) {
    const [anchor] = members as readonly [NodeId, ...NodeId[]];
    const last = members.at(-1) as NodeId;
    const name = layerOf(graph, anchor) ?? paths.get(last) ?? `${nodeAt(graph, last).op} ${last}`;
    if (nodeAt(graph, last).op !== 'input') outputs.set(outputs.has(name) ? `${name} (${last})` : name, last);
  }
  for (const [name, id] of graph.outputs) {
    for (const [other, taken] of outputs) if (taken === id) outputs.delete(other);
    outputs.set(name, id);
  }
  return { ...graph, outputs };
}

const nodeAt = ({ nodes }: Graph, id: NodeId): Node => nodes[id] as Node;

/** `layer1.0.conv1` of a node that reads `layer1.0.conv1.weight`. */
function layerOf({ nodes }: Graph, anchor: NodeId): string | undefined {
  const weight = nodes[(nodes[anchor] as Node).inputs[1] ?? -1];
  return weight?.op === 'param' ? weight.attrs.name.replace(/\.weight$/, '') : undefined;
}

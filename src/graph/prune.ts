import type { Node, NodeId } from '../ops/op.js';
import type { Graph } from './graph.js';

/** The graph without what no output needs; inputs and parameters stay. Nodes are numbered anew. */
export const prune = (graph: Graph): Graph => pruned(graph, ({ op }) => op === 'input' || op === 'param');

/** The same without parameters that nothing reads. */
export const pruneAll = (graph: Graph): Graph => pruned(graph, ({ op }) => op === 'input');

function pruned({ nodes, outputs, parameters, modules = new Map(), features = new Map() }: Graph, stays: (node: Node) => boolean): Graph {
  const needed = new Set<NodeId>(outputs.values());
  for (const { id, inputs } of nodes.toReversed()) if (needed.has(id)) for (const input of inputs) needed.add(input);

  const kept = nodes.filter((node) => needed.has(node.id) || stays(node));
  const ids = new Map(kept.map(({ id }, i) => [id, i]));
  const numbered = (id: NodeId): NodeId => ids.get(id) as NodeId;
  return {
    nodes: kept.map((node): Node => ({ ...node, id: numbered(node.id), inputs: node.inputs.map(numbered) })),
    outputs: new Map([...outputs].map(([name, id]) => [name, numbered(id)])),
    parameters: parameters.filter((id) => ids.has(id)).map(numbered),
    modules: new Map([...modules].filter(([, runs]) => runs.every((id) => ids.has(id))).map(([path, runs]) => [path, runs.map(numbered)])),
    features: new Map([...features].filter(([, id]) => ids.has(id)).map(([name, id]) => [name, numbered(id)])),
  };
}

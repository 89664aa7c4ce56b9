import type { Node, NodeId } from '../ops/op.js';
import type { Graph } from './graph.js';

/**
 * The graph without what no output needs; inputs and parameters stay. Nodes are numbered anew.
 *
 * @param going parameters that do not stay unless they are needed
 */
export function prune(
  { nodes, outputs, parameters, modules = new Map(), features = new Map() }: Graph,
  going: ReadonlySet<NodeId> = new Set(),
): Graph {
  const needed = new Set<NodeId>(outputs.values());
  for (const { id, inputs } of nodes.toReversed()) if (needed.has(id)) for (const input of inputs) needed.add(input);

  const kept = nodes.filter(({ id, op }) => needed.has(id) || op === 'input' || (op === 'param' && !going.has(id)));
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

import type { Node, NodeId, OpAttrs } from '../ops/op.js';
import type { Graph } from './graph.js';
import { runsOf } from './modules.js';
import { prune } from './prune.js';

/**
 * A network's host: what gates scale is handed on as it is, all else equal. What only they needed is gone, parameters too.
 *
 * @param gates names of the modules that return them
 */
export function withoutGates(graph: Graph, gates: readonly string[]): Graph {
  const ids = new Set(gates.flatMap((name) => runsOf(graph, name)));
  const instead = new Map<NodeId, NodeId>();
  const standsFor = (id: NodeId): NodeId => instead.get(id) ?? id;
  const nodes = graph.nodes.map((node): Node => {
    const [u, s] = node.inputs;
    const isGated = ids.has(s as NodeId);
    if (node.op === 'scale' && isGated) instead.set(node.id, standsFor(u as NodeId));
    if (node.op === 'quantisedScale' && isGated) return requantised(node, node.inputs.map(standsFor));
    return { ...node, inputs: node.inputs.map(standsFor) };
  });
  const outputs = [...graph.outputs].filter(([, id]) => !ids.has(id)).map(([name, id]) => [name, standsFor(id)] as const);
  const read = new Set(graph.nodes.flatMap(({ inputs }) => inputs));
  return prune({ ...graph, nodes, outputs: new Map(outputs) }, read);
}

/** What a gate scales among integers, in the unit of what it gave: by itself, or added to the residual. */
function requantised(node: Node, [u, , residual]: readonly NodeId[]): Node {
  const { u: x, residual: b, y } = node.attrs as OpAttrs['quantisedScale'];
  return b === undefined
    ? { ...node, op: 'quantisedPointwise', inputs: [u as NodeId], attrs: { x, y, of: 'identity' } }
    : { ...node, op: 'quantisedAdd', inputs: [u, residual] as NodeId[], attrs: { a: x, b, y } };
}

import { type Graph, readers } from '../graph/graph.js';
import { type Node, type NodeId, type OpName, type PointwiseOp, pointwiseOps } from '../ops/op.js';

/** Nodes that become one op of integers: what is between them nobody else reads. */
export interface Chain {
  readonly anchor: Node;
  readonly norm?: Node<'batchNorm'>;
  /** The residual connection behind a gate. */
  readonly sum?: Node<'add'>;
  readonly after?: Node<PointwiseOp>;
  /** The last of them. */
  readonly last: Node;
}

/** What follows an anchor, in order. A sum is clipped by a ReLU alone. */
const behind: Partial<Record<OpName, readonly (readonly [keyof Chain, readonly OpName[]])[]>> = {
  conv2d: [
    ['norm', ['batchNorm']],
    ['after', pointwiseOps],
  ],
  linear: [['after', pointwiseOps]],
  scale: [
    ['sum', ['add']],
    ['after', ['relu']],
  ],
  add: [['after', ['relu']]],
};

/** The chains of a graph by their last nodes, and the nodes that are inside one. */
export function chainsOf(graph: Graph): { readonly chains: ReadonlyMap<NodeId, Chain>; readonly inner: ReadonlySet<NodeId> } {
  const readBy = readers(graph);
  const named = new Set(graph.outputs.values());
  const chains = new Map<NodeId, Chain>();
  const inner = new Set<NodeId>();
  const taken = new Set<NodeId>();
  for (const anchor of graph.nodes) {
    const steps = behind[anchor.op];
    if (steps === undefined || taken.has(anchor.id)) continue;
    const parts: Record<string, Node> = {};
    let last = anchor;
    for (const [part, ops] of steps) {
      const [reader, ...others] = readBy[last.id] as readonly NodeId[];
      const next = reader === undefined || others.length > 0 || named.has(last.id) ? undefined : graph.nodes[reader];
      // a value that is added to itself, or normalised by itself, has one reader that reads it twice
      if (next === undefined || !ops.includes(next.op) || taken.has(next.id) || next.inputs.filter((id) => id === last.id).length > 1)
        continue;
      if (next.op === 'batchNorm' && next.inputs[0] !== last.id) continue;
      inner.add(last.id);
      taken.add(next.id);
      parts[part] = next;
      last = next;
    }
    chains.set(last.id, { anchor, ...parts, last });
  }
  return { chains, inner };
}

/** The fully connected layers that gates are made by: their integers would be of all channels at once, so they stay floats. */
export function excitationLayers({ nodes }: Graph): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  const open = nodes.flatMap((node) => (node.op === 'scale' ? [node.inputs[1] as NodeId] : []));
  const seen = new Set<NodeId>();
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    const node = nodes[id] as Node;
    if (seen.has(id) || node.shape.length !== 2) continue;
    seen.add(id);
    if (node.op === 'linear') found.add(id);
    if (node.op !== 'globalAvgPool' && node.op !== 'globalMaxPool' && node.op !== 'input') open.push(...node.inputs);
  }
  return found;
}

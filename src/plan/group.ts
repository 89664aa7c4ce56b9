import { type Graph, readers } from '../graph/graph.js';
import type { Node, NodeId, OpName } from '../ops/op.js';
import { onConv, onLinear } from './activation.js';

/** The nodes that one kernel call computes, anchor first. A fused kernel's meaning is this list, run one by one by the reference. */
export type Group = readonly NodeId[];

/** What may ride behind an anchor, in the order in which its kernel applies it; of each entry at most one. */
const riders: Partial<Record<OpName, readonly (readonly OpName[])[]>> = {
  conv2d: [['batchNorm'], onConv],
  linear: [onLinear],
  scale: [['add'], ['relu']],
  scaleBy: [['add'], ['relu']],
  batchNorm: [['relu']],
  add: [['relu']],
};

/** What follows an excitation's first layer (Hu 2018, eq. 3), with any two functions: nobody else reads what is in between. */
const excitation: readonly (readonly OpName[])[] = [onLinear, ['linear'], onLinear];

/**
 * Partitions the computed nodes (all but parameters) into groups, ordered so that each comes after what it reads.
 *
 * A node rides if its latest operand is the group's last node and has no other reader. Neither a shortcut's addition nor a squeeze rides on a
 * convolution: measured, a pass over the whole plane is no slower than one over each 60 pixels of a panel, and with paired vectors faster. Nothing
 * is rewritten.
 */
export function group(graph: Graph): readonly Group[] {
  const readBy = readers(graph);
  const named = new Set(graph.outputs.values());
  const taken = new Set<NodeId>();
  const nodeAt = (id: NodeId): Node => graph.nodes[id] as Node;

  /** The only reader of `id`, if it is one of `kinds` and `id` is the latest thing it waits for. */
  const rider = (id: NodeId, kinds: readonly OpName[]): NodeId | undefined => {
    const [reader, ...others] = readBy[id] as readonly NodeId[];
    if (reader === undefined || others.length > 0 || named.has(id)) return undefined;
    const node = nodeAt(reader);
    return kinds.includes(node.op) && Math.max(...node.inputs.filter((input) => nodeAt(input).op !== 'param')) === id ? reader : undefined;
  };
  const last = (members: Group): NodeId => members.at(-1) as NodeId;

  const excite = (anchor: Node): Group | undefined => {
    const members = [anchor.id];
    for (const kinds of excitation) {
      const next = rider(last(members), kinds);
      if (next === undefined) return undefined;
      members.push(next);
    }
    return members;
  };
  const ride = (anchor: Node): Group => {
    const members = [anchor.id];
    for (const kinds of riders[anchor.op] ?? []) {
      const next = rider(last(members), kinds);
      if (next !== undefined) members.push(next);
    }
    return members;
  };

  const groups: Group[] = [];
  for (const node of graph.nodes) {
    if (node.op === 'param' || taken.has(node.id)) continue;
    const members = (node.op === 'linear' && excite(node)) || ride(node);
    for (const id of members) taken.add(id);
    groups.push(members);
  }
  return groups;
}

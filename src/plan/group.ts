import { type Graph, readers } from '../graph/graph.js';
import type { Node, NodeId, OpName } from '../ops/op.js';
import { onConv, onLinear } from './activation.js';

/** The nodes that one kernel call computes, anchor first. A fused kernel's meaning is this list, run one by one by the reference. */
export type Group = readonly NodeId[];

/** What may ride behind an anchor, in the order in which its kernel applies it; of each entry at most one. */
const riders: Partial<Record<OpName, readonly (readonly OpName[])[]>> = {
  conv2d: [['batchNorm'], onConv],
  linear: [onLinear],
  scaledLinear: [onLinear],
  scale: [['add'], ['relu']],
  scaleBy: [['add'], ['relu']],
  batchNorm: [['relu']],
  add: [['relu']],
  meanGrad: [['add']],
};

/** What follows an excitation's first layer (Hu 2018, eq. 3), with any two functions: nobody else reads what is in between. */
const excitation: readonly (readonly OpName[])[] = [onLinear, ['linear'], onLinear];

/**
 * Partitions the computed nodes (all but parameters) into groups, ordered so that each comes after what it reads.
 *
 * A node rides if its latest operand is the group's last node and has no other reader. Neither a shortcut's addition nor a squeeze rides on a
 * convolution: measured, a pass over the whole plane is no slower than one over each 60 pixels of a panel, and with paired vectors faster. Nothing
 * is rewritten.
 *
 * @param resident parameters may change, so that no batch norm vanishes into a convolution's weights
 */
export function group(graph: Graph, resident = false): readonly Group[] {
  const readBy = readers(graph);
  const named = new Set(graph.outputs.values());
  const taken = new Set<NodeId>();
  const nodeAt = (id: NodeId): Node => graph.nodes[id] as Node;

  const onlyReader = (id: NodeId): Node | undefined => {
    const [reader, ...others] = readBy[id] as readonly NodeId[];
    return reader === undefined || others.length > 0 || named.has(id) ? undefined : nodeAt(reader);
  };

  /** The only reader of `id`, if it is one of `kinds` and `id` is the latest thing it waits for. */
  const rider = (id: NodeId, kinds: readonly OpName[]): NodeId | undefined => {
    const node = onlyReader(id);
    if (node === undefined || !kinds.includes(node.op)) return undefined;
    return Math.max(...node.inputs.filter((input) => nodeAt(input).op !== 'param')) === id ? node.id : undefined;
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
      if (resident && kinds.includes('batchNorm')) continue;
      const next = rider(last(members), kinds);
      if (next !== undefined) members.push(next);
    }
    return members;
  };

  /** What a batch norm, its variance and its mean send back to one value: x is known only when the last of them is. */
  const normGrad = (anchor: Node): Group | undefined => {
    const members = [anchor.id];
    for (const op of ['channelVarianceGrad', 'meanGrad'] as const) {
      const sum = onlyReader(last(members));
      if (sum?.op !== 'add') return undefined;
      const other = nodeAt(sum.inputs.find((id) => id !== last(members)) ?? sum.id);
      if (other.op !== op || onlyReader(other.id) !== sum) return undefined;
      members.push(other.id, sum.id);
    }
    return members;
  };

  const groups: Group[] = [];
  const later = new Map<NodeId, Group>();
  for (const node of graph.nodes) {
    const waiting = later.get(node.id);
    if (waiting !== undefined) groups.push(waiting);
    if (node.op === 'param' || taken.has(node.id)) continue;
    const gradient = node.op === 'batchNormGradInput' ? normGrad(node) : undefined;
    const members = gradient ?? ((node.op === 'linear' && excite(node)) || ride(node));
    for (const id of members) taken.add(id);
    if (gradient !== undefined) later.set(last(gradient), gradient);
    else groups.push(members);
  }
  return groups;
}

import { type Graph, readers } from '../../src/graph/graph.js';
import type { Node, NodeId, OpName } from '../../src/ops/op.js';
import { group } from '../../src/plan/group.js';
import { isDepthwise } from './tfjs.js';

/** The nodes that a call or a few into TensorFlow.js compute, anchor first. Plain data. */
export interface TfjsCall {
  readonly nodes: readonly [Node, ...Node[]];
  /** How many convolutions the anchor is made of, each with an equal share of its output channels. */
  readonly branches: number;
  /** Whether the branches stay apart, since a grouped convolution is their only reader. */
  readonly sliced: boolean;
}

/** What tfjs-wasm fuses behind an anchor: XNNPACK's convolution takes a bias and an activation, but no residual. */
const fusable: Partial<Record<OpName, readonly OpName[]>> = {
  conv2d: ['batchNorm', 'relu', 'relu6'],
  linear: ['relu', 'relu6', 'sigmoid'],
};

/**
 * The graph as calls into TensorFlow.js, in an order that respects what each reads.
 *
 * A grouped convolution is several, and so is the convolution before it where nothing else reads that one: ResNeXt's blocks
 * then run as Xie 2017 (arXiv:1611.05431), fig. 3(b), draws them. tf.split would copy the whole image once a slice.
 */
export function tfjsCalls(graph: Graph): readonly TfjsCall[] {
  const calls = group(graph)
    .flatMap((members) => split(members.map((id) => graph.nodes[id] as Node)))
    .filter(([anchor]) => anchor.op !== 'input');

  const named = new Set(graph.outputs.values());
  const readBy = readers(graph);
  const wanted = new Map<NodeId, number>();
  for (const [anchor] of calls) {
    const x = anchor.inputs[0];
    if (x !== undefined && branchesOf(graph, anchor) > 1 && readBy[x]?.length === 1 && !named.has(x))
      wanted.set(x, branchesOf(graph, anchor));
  }
  return calls.map((nodes) => {
    const [anchor] = nodes;
    const slices = wanted.get((nodes.at(-1) as Node).id);
    const sliced = slices !== undefined && anchor.op === 'conv2d' && anchor.attrs.groups === 1 && isFused(anchor);
    return { nodes, branches: sliced ? slices : branchesOf(graph, anchor), sliced };
  });
}

/** Whether the anchor runs as fused convolutions: tf.conv2d refuses to stride and dilate at once, so such a one is interpreted. */
export function isFused(anchor: Node): anchor is Node<'conv2d' | 'linear'> {
  if (anchor.op !== 'conv2d') return anchor.op === 'linear';
  return Math.max(...anchor.attrs.stride) === 1 || Math.max(...anchor.attrs.dilation) === 1;
}

/** The group's nodes in runs that fuse. */
function split([anchor, ...rest]: readonly Node[]): readonly (readonly [Node, ...Node[]])[] {
  if (anchor === undefined) return [];
  const riders: Node[] = [];
  for (const op of (isFused(anchor) && fusable[anchor.op]) || []) if (rest[0]?.op === op) riders.push(rest.shift() as Node);
  return [[anchor, ...riders], ...split(rest)];
}

/**
 * Groups are merged, by zeros in the filter, until a branch has `narrowest` channels: XNNPACK's tiles are 8 wide, and each branch
 * costs a call, an image to concatenate and a pass over its input. Depthwise convolution is one call.
 */
function branchesOf(graph: Graph, anchor: Node): number {
  if (anchor.op !== 'conv2d' || anchor.attrs.groups === 1 || !isFused(anchor)) return 1;
  const { groups } = anchor.attrs;
  const { shape } = graph.nodes[anchor.inputs[1] as NodeId] as Node;
  if (isDepthwise(shape, anchor.attrs)) return 1;
  const [, channels] = shape as readonly [number, number];
  for (let merged = 1; merged < groups; merged++) if (groups % merged === 0 && merged * channels >= narrowest) return groups / merged;
  return 1;
}

/** Measured (tfjs 4.22, Node 20) over 4, 8, 16, 32, 64 channels on the four stages of a 32x4d ResNeXt-50. */
const narrowest = 16;

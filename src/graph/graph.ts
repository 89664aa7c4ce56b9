import type { Node, NodeId } from '../ops/op.js';

/** An immutable, topologically ordered list of nodes: a network without weights, memory or back end. */
export interface Graph {
  readonly nodes: readonly Node[];
  /** `logits`, and the gates and features that were asked for, each under its published module path. */
  readonly outputs: ReadonlyMap<string, NodeId>;
  /** The `param` nodes in the checkpoint's order, which is not the nodes' (a block computes its shortcut first but registers it last). */
  readonly parameters: readonly NodeId[];
  /**
   * The modules of the published definition, by path, as PyTorch's named_modules has them: the nodes whose values they return, one a run. Most run
   * once; torchvision's blocks have one ReLU for all their places. Absent in graphs that nobody published.
   */
  readonly modules?: ReadonlyMap<string, readonly NodeId[]>;
  /** The outputs of its stages by their names, from the image on: what other heads than the classifier read. */
  readonly features?: ReadonlyMap<string, NodeId>;
}

/** For each node, the ids of the nodes that read it, in order. */
export function readers(graph: Graph): readonly (readonly NodeId[])[] {
  const result: NodeId[][] = graph.nodes.map(() => []);
  for (const node of graph.nodes) for (const id of node.inputs) result[id]?.push(node.id);
  return result;
}

import { PlanError } from '../errors.js';
import type { Node, NodeId } from '../ops/op.js';
import { checkGraph } from './check.js';
import type { Graph } from './graph.js';

/** A stage's output, as timm's `feature_info` tells of it. */
export interface FeatureInfo {
  /** Its module in the published definition. `createModel(id, { features: true })` gives an output of this name. */
  readonly name: string;
  /** C of its [N, C, H, W]. */
  readonly channels: number;
  /** Pixels of the input per pixel, along a side: the product of the strides that lead to it. */
  readonly reduction: number;
}

/**
 * The outputs of a network's stages, from the image on, whether or not they are outputs of the graph: the last value of each resolution, in most
 * networks. Empty for a graph that marks none.
 *
 * @throws PlanError for what is no graph, or one that has other features than nodes
 */
export function featureInfo(graph: Graph): readonly FeatureInfo[] {
  checkGraph(graph);
  const reductions: number[] = [];
  for (const node of graph.nodes) reductions.push(Math.max(1, ...node.inputs.map((id) => reductions[id] as number)) * strideOf(node));
  return [...(graph.features ?? [])].map(([name, id]: readonly [string, NodeId]) => {
    const node = graph.nodes[id];
    if (node === undefined) throw new PlanError(`feature ${name} is node ${id}, which the graph does not have`);
    return { name, channels: node.shape[1] ?? 1, reduction: reductions[id] as number };
  });
}

const strideOf = ({ attrs }: Node): number => ('stride' in attrs ? Math.max(...attrs.stride) : 1);

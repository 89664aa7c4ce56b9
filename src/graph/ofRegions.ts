import type { Node, NodeId } from '../ops/op.js';
import type { Graph } from './graph.js';

/**
 * The nodes whose images are parts of other images: regions that are pooled, or what a file makes rows of by writing a value anew, as the columns of a line
 * of text; and all that is computed from them.
 */
export function ofRegions({ nodes }: Graph): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  const [images] = nodes[0]?.shape ?? [];
  const isPart = ({ op, inputs, shape }: Node): boolean => {
    if (op === 'roiAlign' || op === 'roiPool') return true;
    if (op === 'rearrange') return shape[0] !== images;
    return inputs.some((input) => found.has(input));
  };
  for (const node of nodes) if (isPart(node)) found.add(node.id);
  return found;
}

import type { NodeId } from '../ops/op.js';
import type { Graph } from './graph.js';

/** The nodes whose images are regions of other images: what regions are pooled to, and all that is computed from it. */
export function ofRegions({ nodes }: Graph): ReadonlySet<NodeId> {
  const found = new Set<NodeId>();
  for (const { id, op, inputs } of nodes)
    if (op === 'roiAlign' || op === 'roiPool' || inputs.some((input) => found.has(input))) found.add(id);
  return found;
}

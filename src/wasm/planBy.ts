import { ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { isTraining, lower, type MoreRules } from '../plan/lower.js';
import { place } from '../plan/place.js';
import type { Plan } from '../plan/plan.js';
import { type CompileOptions, targetOf } from './options.js';

/**
 * The plan of a graph that was checked.
 *
 * @param more what a graph needs that trains, or holds integers, which others do without
 * @throws ShapeError for a value of more extents than kernels take
 */
export function planBy(graph: Graph, options: CompileOptions, more: MoreRules): Plan {
  const large = graph.nodes.find(({ op, shape }) => op !== 'param' && shape.length > mostExtents);
  if (large)
    throw new ShapeError(`kernels take values of up to ${mostExtents} extents, so not node ${large.id}`, { [large.op]: large.shape });
  const algorithms = options.algorithms ?? (isTraining(graph) ? 'direct' : 'fast');
  return place(lower(graph, targetOf({ ...options, algorithms }), more));
}

/** [N, C, H, W]. */
const mostExtents = 4;

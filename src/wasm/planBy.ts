import { ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { type FurtherRules, isTraining, lower } from '../plan/lower.js';
import { place } from '../plan/place.js';
import type { Plan } from '../plan/plan.js';
import { type CompileOptions, targetOf } from './options.js';

/**
 * The plan of a graph that was checked.
 *
 * @param further the rules of ops that most graphs do without
 * @throws ShapeError for a value of more extents than kernels take
 */
export function planBy(graph: Graph, options: CompileOptions, further: FurtherRules): Plan {
  const large = graph.nodes.find(({ op, shape }) => op !== 'param' && shape.length > mostExtents);
  if (large)
    throw new ShapeError(`kernels take values of up to ${mostExtents} extents, so not node ${large.id}`, { [large.op]: large.shape });
  const algorithms = options.algorithms ?? (isTraining(graph) ? 'direct' : 'fast');
  return place(lower(graph, targetOf({ ...options, algorithms }), further));
}

/** [N, C, H, W]. */
const mostExtents = 4;

/** The rules that this graph needs, loaded. */
export async function furtherRules(graph: Graph): Promise<FurtherRules> {
  return isTraining(graph) ? (await import('../plan/training.js')).trainingRules : {};
}

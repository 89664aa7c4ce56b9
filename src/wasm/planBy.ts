import { ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { isTraining, lower } from '../plan/lower.js';
import { place } from '../plan/place.js';
import type { Plan } from '../plan/plan.js';
import type { TrainingRules } from '../plan/training.js';
import { type CompileOptions, targetOf } from './options.js';

/**
 * The plan of a graph that was checked.
 *
 * @param training what a graph with an op of training needs, which others do without
 * @throws ShapeError for a value of more extents than kernels take
 */
export function planBy(graph: Graph, options: CompileOptions, training: TrainingRules | undefined): Plan {
  const large = graph.nodes.find(({ op, shape }) => op !== 'param' && shape.length > mostExtents);
  if (large)
    throw new ShapeError(`kernels take values of up to ${mostExtents} extents, so not node ${large.id}`, { [large.op]: large.shape });
  const algorithms = options.algorithms ?? (isTraining(graph) ? 'direct' : 'fast');
  return place(lower(graph, targetOf({ ...options, algorithms }), training));
}

/** [N, C, H, W]. */
const mostExtents = 4;

import { ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { type FurtherRules, isQuantised, isTraining, lower, needsFurther } from '../plan/lower.js';
import { place } from '../plan/place.js';
import type { Plan } from '../plan/plan.js';
import type { ProductForm } from '../plan/quantised/forms.js';
import type { KernelsBuild } from './features.js';
import { type CompileOptions, targetOf } from './options.js';

/**
 * The plan of a graph that was checked.
 *
 * @throws ShapeError for a value of more extents than kernels take
 */
export function planBy(graph: Graph, options: CompileOptions, { rules, products }: Further): Plan {
  const large = graph.nodes.find(({ op, shape }) => op !== 'param' && shape.length > mostExtents);
  if (large)
    throw new ShapeError(`kernels take values of up to ${mostExtents} extents, so not node ${large.id}`, { [large.op]: large.shape });
  const algorithms = options.algorithms ?? (isTraining(graph) ? 'direct' : 'fast');
  const target = { ...targetOf({ ...options, algorithms }), ...(products !== undefined && { products }) };
  const key = JSON.stringify(target);
  const last = plans.get(graph);
  if (last?.key === key) return last.plan;
  const plan = place(lower(graph, target, rules));
  plans.set(graph, { key, plan });
  return plan;
}

/** The last plan of each graph, neither of which changes. */
const plans = new WeakMap<Graph, { readonly key: string; readonly plan: Plan }>();

/** [N, C, H, W]. */
const mostExtents = 4;

/** What the plan of a graph needs beside the rules for inference. */
export interface Further {
  /** Of the ops that most graphs do without. */
  readonly rules?: FurtherRules;
  /** How this engine multiplies a quantised graph's bytes. */
  readonly products?: ProductForm | undefined;
}

/** The same, loaded. */
export async function furtherOf(graph: Graph, kernels: KernelsBuild): Promise<Further> {
  if (!needsFurther(graph)) return {};
  const { furtherRulesOf, productForm } = await import('./further.js');
  return { rules: furtherRulesOf(graph), products: isQuantised(graph) ? productForm(kernels) : undefined };
}

import { ShapeError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { type FurtherRules, isImported, isQuantised, isTraining, lower } from '../plan/lower.js';
import { place } from '../plan/place.js';
import type { Plan } from '../plan/plan.js';
import type { ProductForm } from '../plan/quantised/forms.js';
import type { KernelsBuild } from './features.js';
import { type CompileOptions, targetOf } from './options.js';

/**
 * The plan of a graph that was checked.
 *
 * @param further the rules of ops that most graphs do without
 * @param products of bytes, for a quantised graph
 * @throws ShapeError for a value of more extents than kernels take
 */
export function planBy(graph: Graph, options: CompileOptions, further: FurtherRules, products?: ProductForm): Plan {
  const large = graph.nodes.find(({ op, shape }) => op !== 'param' && shape.length > mostExtents);
  if (large)
    throw new ShapeError(`kernels take values of up to ${mostExtents} extents, so not node ${large.id}`, { [large.op]: large.shape });
  const algorithms = options.algorithms ?? (isTraining(graph) ? 'direct' : 'fast');
  const target = { ...targetOf({ ...options, algorithms }), ...(products !== undefined && { products }) };
  const key = JSON.stringify(target);
  const last = plans.get(graph);
  if (last?.key === key) return last.plan;
  const plan = place(lower(graph, target, further));
  plans.set(graph, { key, plan });
  return plan;
}

/** The last plan of each graph, neither of which changes. */
const plans = new WeakMap<Graph, { readonly key: string; readonly plan: Plan }>();

/** [N, C, H, W]. */
const mostExtents = 4;

/** The rules that this graph needs, loaded. */
export async function furtherRules(graph: Graph): Promise<FurtherRules> {
  const rules = {
    ...(isTraining(graph) && (await import('../plan/training.js')).trainingRules),
    ...(isImported(graph) && (await import('../plan/imported.js')).importedRules),
  };
  if (!isQuantised(graph)) return rules;
  const { integerRules, quantisedRules } = await import('../plan/quantised/rules.js');
  return { ...rules, ...quantisedRules, ofIntegers: integerRules };
}

/** How this engine multiplies a quantised graph's bytes; undefined for others. */
export async function productsFor(graph: Graph, kernels: KernelsBuild): Promise<ProductForm | undefined> {
  return isQuantised(graph) ? (await import('./quantised/form.js')).productForm(kernels) : undefined;
}

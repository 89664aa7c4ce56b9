import { checkGraph } from '../graph/check.js';
import type { Graph } from '../graph/graph.js';
import { furtherRulesOf } from '../plan/further.js';
import { isQuantised } from '../plan/lower.js';
import type { Plan } from '../plan/plan.js';
import { pickBuild } from './features.js';
import { type CompileOptions, checkOptions } from './options.js';
import { planBy } from './planBy.js';
import { productForm } from './quantised/form.js';

/**
 * The plan that `compile` would run if it took the same tile; it needs no weights. Nothing is measured, and the environment is not read: without `tile`, 4×8 is taken of
 * strict kernels and 6×8 of relaxed ones, where `compile` takes the fastest.
 *
 * @throws PlanError and ShapeError for what is no graph, or one whose shapes lie; InputError for options that do not exist
 */
export function planOf(graph: Graph, options: CompileOptions = {}): Plan {
  checkOptions(options);
  checkGraph(graph);
  const products = isQuantised(graph) ? productForm(pickBuild(options.kernels ?? 'auto')) : undefined;
  return planBy(graph, options, { rules: furtherRulesOf(graph), products });
}

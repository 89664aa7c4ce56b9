import type { Graph } from '../graph/graph.js';
import { CompiledSession } from './compiled.js';
import { instantiateAfter } from './instance.js';
import type { CompileOptions } from './options.js';
import { prepare } from './prepare.js';
import type { Weights } from './weights.js';

/**
 * As `compile`, of another graph with the same weights, such as one for another size of image: a session before it ends, and this one takes over its memory
 * and what both pack alike, which is nearly all.
 */
export async function compileAfter(
  before: CompiledSession | undefined,
  graph: Graph,
  weights: Weights,
  options: CompileOptions,
): Promise<CompiledSession> {
  const { plan, kernels, note, pairedVectors } = await prepare(graph, weights, options).catch((error: unknown) => {
    before?.dispose();
    throw error;
  });
  return new CompiledSession(plan, kernels, await instantiateAfter(before?.handOver(), plan, weights, kernels), note, pairedVectors);
}

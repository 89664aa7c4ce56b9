import { checkGraph } from '../graph/check.js';
import type { Graph } from '../graph/graph.js';
import { sourceOf } from '../io/source.js';
import type { Plan } from '../plan/plan.js';
import { sizeOf } from '../tensor.js';
import { memoryOf } from './addresses.js';
import { type KernelsBuild, pickBuild, turnOnEngineFlags } from './features.js';
import { checkBytes, startCompiling } from './kernels.js';
import { type CompileOptions, checkOptions, type TileName } from './options.js';
import type { PackedWeights } from './packed.js';
import { furtherOf, planBy } from './planBy.js';
import { firstPage } from './region.js';
import { forcedTile, tuning, untimedTile } from './tune.js';
import { checkWeights, type PackedFile, type Weights } from './weights.js';
import { whyOneThread } from './workers.js';

/** What `compile` does before memory is taken. @throws as `compile` */
export async function prepare(graph: Graph, weights: Weights | PackedFile, options: CompileOptions) {
  checkOptions(options);
  checkGraph(graph);
  checkBytes(leastBytes(graph)); // before anything is timed or planned
  if (options.engineFlags) turnOnEngineFlags();
  pickBuild(options.kernels ?? 'auto'); // an engine without it is told of before a file is opened
  const packed = await openIfPacked(weights);
  const { plan, kernels, note, pairedVectors } = await planned(graph, options, packed?.tile);
  if (packed === undefined) checkWeights(graph, weights as Weights);
  else packed.check(plan, kernels);
  return { plan, kernels, packed, note, pairedVectors };
}

/** What `compile` knows before it has weights. */
interface Planned {
  readonly plan: Plan;
  readonly kernels: KernelsBuild;
  /** Why there is one thread although more were asked for. */
  readonly note: string | undefined;
  readonly pairedVectors: boolean | undefined;
}

/**
 * The part of `compile` that needs no weights, of a graph and options that were checked. Done ahead, it is found done: kernels, tile and plan are remembered.
 *
 * @param packedFor the tile that packed weights are for
 */
export async function planned(graph: Graph, options: CompileOptions, packedFor?: TileName): Promise<Planned> {
  const { kernels, threads, note } = startKernels(options);
  const forced = options.tile ?? packedFor ?? forcedTile() ?? untimedTile(graph, kernels);
  const { tile, pairedVectors } = forced === undefined ? await tuning(kernels) : { tile: forced, pairedVectors: undefined };
  const plan = planBy(graph, { ...options, kernels, tile, threads }, await furtherOf(graph, kernels));
  checkBytes(firstPage + memoryOf(plan));
  return { plan, kernels, note, pairedVectors };
}

/** Has the kernels compiled that inference by these options needs; it does not wait for them. @throws as `compile` for kernels that the engine lacks */
export function startKernels({
  kernels: asked = 'auto',
  threads: wanted = 1,
}: CompileOptions): Pick<Planned, 'kernels' | 'note'> & { readonly threads: number } {
  const kernels = pickBuild(asked);
  const note = wanted > 1 ? whyOneThread() : undefined;
  const threads = note === undefined ? wanted : 1;
  startCompiling(kernels, threads > 1 ? 'shared' : 'unshared');
  return { kernels, threads, note };
}

async function openIfPacked(weights: Weights | PackedFile): Promise<PackedWeights | undefined> {
  if (typeof weights !== 'object' || weights === null) return undefined; // checkWeights says so
  const isFile =
    ArrayBuffer.isView(weights) || weights instanceof ArrayBuffer || ('size' in weights && ('slice' in weights || 'read' in weights));
  return isFile ? (await import('./further.js')).openPacked(sourceOf(weights)) : undefined;
}

/** The largest value alone, which no plan does without. */
function leastBytes({ nodes }: Graph): number {
  return nodes.reduce((most, { op, shape }) => (op === 'param' ? most : Math.max(most, 4 * sizeOf(shape))), 0);
}

import { checkGraph } from '../graph/check.js';
import type { Late, RunInput } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import type { SignalLike } from '../io/signal.js';
import { type BlobLike, type Source, sourceOf } from '../io/source.js';
import type { Plan } from '../plan/plan.js';
import { sizeOf, type Tensor } from '../tensor.js';
import { CompiledSession } from './compiled.js';
import { type KernelsBuild, pickBuild, turnOnPairedVectors, turnOnRelaxed } from './features.js';
import { instantiate, instantiateAfter, memoryOf } from './instance.js';
import { checkBytes, startCompiling } from './kernels.js';
import { type CompileOptions, checkOptions, type TileName } from './options.js';
import type { PackedWeights } from './packed.js';
import { furtherOf, planBy } from './planBy.js';
import { firstPage } from './region.js';
import { forcedTile, tuning, untimedTile } from './tune.js';
import { checkWeights, type Weights } from './weights.js';
import { whyOneThread } from './workers.js';

/**
 * Plans the graph, packs the weights (batch norm folded in) and allocates the one memory that every run uses. The event loop has turns meanwhile.
 *
 * @param weights tensors by name, or what reads them, one after another; or the bytes of packed weights, as `Session.save` gives them
 * @throws WeightsError for a missing, extra, misshapen or non-finite tensor, or one whose values do not fill its shape; for packed weights of another version, build,
 * tile or graph, or that are damaged; InputError for options that do not
 * exist; UnsupportedError for instructions that the engine lacks, or threads that do not start; PlanError if the memory would exceed 4 GiB; and what
 * `planOf` throws.
 */
export async function compile(graph: Graph, weights: Weights | PackedFile, options: CompileOptions = {}): Promise<Session> {
  const { plan, kernels, packed, note, pairedVectors } = await prepare(graph, weights, options);
  return new CompiledSession(plan, kernels, await instantiate(plan, packed ?? (weights as Weights), kernels), note, pairedVectors);
}

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

/** What is known before memory is taken. */
async function prepare(graph: Graph, weights: Weights | PackedFile, options: CompileOptions) {
  checkOptions(options);
  checkGraph(graph);
  checkBytes(leastBytes(graph)); // before anything is timed or planned
  if (options.engineFlags) {
    turnOnRelaxed();
    turnOnPairedVectors();
  }
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

/** Packed weights, as `Session.save` gives them: a file's bytes, or what reads them. */
export type PackedFile = Uint8Array | ArrayBuffer | BlobLike | Source;

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

/** `[Symbol.dispose]`, where TypeScript knows it: `lib: esnext.disposable`, or Node's types. */
type DisposeSymbol = typeof Symbol extends { readonly dispose: infer Dispose extends symbol } ? Dispose : never;

/** What `using` ends. */
export type Disposed = { [K in DisposeSymbol]: () => void };

/** A compiled network: a plan, memory of its final size, and the kernels over it. */
export interface Session extends Disposed {
  readonly plan: Plan;
  readonly kernels: KernelsBuild;
  /** The threads that share each step. */
  readonly threads: number;
  /** Why there is one thread although more were asked for; else undefined. */
  readonly threadsNote: string | undefined;
  /** Whether the engine was seen to join pairs of vectors; undefined where a tile was asked for, so that nothing was timed. */
  readonly pairedVectors: boolean | undefined;
  /** Bytes of packed weights and tables. */
  readonly weightBytes: number;

  /**
   * One inference.
   *
   * @param input the graph's input, logical NCHW; or, where there are several, tensors by name
   * @param late inputs that are made of the outputs that are computed before them, in place of those of `input`
   * @returns the graph's outputs by name; they are copies, and stay valid after the next run
   * @throws ShapeError if an input is missing or has another shape; InputError if it is no tensor of floats, or they do not fill its shape; PlanError after
   * `dispose`, while a `runAsync` is under way, or if a thread crashes, after which the session is of no more use; UnsupportedError on several threads
   * where the caller may not wait, which is the main thread of a browser
   */
  run(input: RunInput, late?: Late<Tensor>): ReadonlyMap<string, Tensor>;

  /**
   * As `run`, but the event loop stays free: other threads do the work, or, if there is one, it gives the loop a turn every few
   * milliseconds. Calls are queued: each reads its input when those before it have ended, so leave the input alone until then.
   *
   * @param options `signal` ends the run: before its turn, or on one thread at the next turn of the loop; on several the steps under way go to their end
   * @throws what `run` throws, as a rejection; the signal's reason; PlanError if the session is disposed before the end
   */
  runAsync(input: RunInput, late?: Late<Tensor>, options?: { readonly signal?: SignalLike }): Promise<ReadonlyMap<string, Tensor>>;

  /**
   * Changes parameters, of a graph that computes gradients; what is not named stays as it is.
   *
   * @throws WeightsError for a tensor that the plan does not hold as it is, in another shape, or whose values do not fill it: then nothing is changed;
   * PlanError as `run`
   */
  update(weights: ReadonlyMap<string, Tensor>): void;

  /**
   * The packed weights as a file, which `compile(graph, bytes)` takes in place of the weights, at the speed of a copy. It is of use to the same version of this
   * package, the same build of the kernels, tile and graph alone, and refused elsewhere.
   *
   * @throws PlanError as `run`
   */
  save(): Promise<Uint8Array<ArrayBuffer>>;

  /** What `save` gives in pieces, without a copy of the weights: views of the session's memory, good until `dispose`. @throws as `save` */
  savedPieces(): Promise<Iterable<Uint8Array>>;

  /** As `run`, and the milliseconds that each step of the plan took; of several threads, until the last one is done. */
  profile(
    input: RunInput,
    late?: Late<Tensor>,
  ): {
    readonly outputs: ReadonlyMap<string, Tensor>;
    readonly stepMs: readonly number[];
  };

  /** Ends the threads and lets the memory go; the session does not run again. */
  dispose(): void;
}

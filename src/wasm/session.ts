import type { Late, RunInput } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import type { SignalLike } from '../io/signal.js';
import type { Plan } from '../plan/plan.js';
import type { Tensor } from '../tensor.js';
import { CompiledSession } from './compiled.js';
import type { KernelsBuild } from './features.js';
import { instantiate } from './instance.js';
import type { CompileOptions } from './options.js';
import { prepare } from './prepare.js';
import type { PackedFile, Weights } from './weights.js';

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
   * Changes parameters, of a graph that computes gradients; what is not named stays as it is. Unlike `compile` it does not look for NaN and infinities: that would
   * take longer than to write the weights, at every step of a training. A loss that is no number shows them.
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

import { UnsupportedError } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import type { Tensor } from '../tensor.js';
import { fusesProducts, type KernelsBuild, supports } from '../wasm/features.js';
import { compile } from '../wasm/session.js';
import type { Contender, ContenderOptions } from './contender.js';

export type EngineAlgorithms = 'direct' | 'fast';
export type EngineName = 'senet' | 'tfjs' | 'ort' | 'litert';

/** A network in one engine, ready to be timed. */
export interface Runner {
  readonly engine: EngineName;
  readonly variant: KernelsBuild;
  /** How ours computes 3×3 convolutions; the peers do not say. */
  readonly algorithms?: EngineAlgorithms;
  /** Ours: the engine was seen to join pairs of vectors. */
  readonly pairedVectors?: boolean;
  /** Ours, relaxed: the engine rounds products before it adds them. */
  readonly notFused?: true;
  readonly version: string;
  readonly threads: number;
  /** Ours: why there is one thread where more were asked for. */
  readonly threadsNote?: string;
  /** The engine lacks an op of this network and composes it from others: a row to look at, not to claim a ratio from. */
  readonly composed: boolean;
  run(image: Tensor): ReadonlyMap<string, Tensor> | Promise<ReadonlyMap<string, Tensor>>;
  dispose(): void | Promise<void>;
}

export interface RunnerOptions {
  /** Ours: a row for each, beside each build of the kernels and algorithm; the peers run with the first. */
  readonly threads: readonly number[];
  readonly builds: readonly KernelsBuild[];
  /** Ours: a row for each, beside each build. */
  readonly algorithms: readonly EngineAlgorithms[];
  readonly against: readonly Exclude<EngineName, 'senet'>[];
  readonly version: string;
  /** Where the peers come from: a page's bundler must see the import. @defaultValue `senet/engines`, by name */
  readonly peers?: () => Promise<Peers>;
}

/** The builds of the kernels that this engine runs now. */
export const presentBuilds = (): readonly KernelsBuild[] => (['strict', 'relaxed'] as const).filter(supports);

/**
 * The same graph and weights in every engine asked for, ours first.
 *
 * @throws UnsupportedError if an engine is missing (it says what to install) or cannot run with these options.
 */
export async function runners(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  { threads, builds, algorithms, against, version, peers: load = loadPeers }: RunnerOptions,
): Promise<readonly Runner[]> {
  const ready: Runner[] = [];
  const contestants = builds.flatMap((kernels) =>
    algorithms.flatMap((how) => threads.map((workers) => ({ kernels, algorithms: how, threads: workers }))),
  );
  for (const options of contestants) {
    const session = await compile(graph, weights, options);
    const { kernels: variant, algorithms: how } = options;
    const paired = session.pairedVectors === true && { pairedVectors: true };
    const rounded = variant === 'relaxed' && !fusesProducts() && { notFused: true as const };
    const ours = {
      engine: 'senet',
      variant,
      algorithms: how,
      ...paired,
      ...rounded,
      version,
      threads: session.threads,
      ...(session.threadsNote !== undefined && { threadsNote: session.threadsNote }),
      composed: false,
    } as const;
    ready.push({ ...ours, run: (image) => session.run(image), dispose: () => session.dispose() });
  }
  if (against.length > 0) {
    const peers = await load();
    for (const engine of against) {
      const contender = await peers[compilers[engine]](graph, weights, { threads: threads[0] as number });
      // tfjs's and onnxruntime's WebAssembly builds use SIMD without the relaxed instructions; LiteRT takes its relaxed build where the engine runs it
      const variant = engine === 'litert' && supports('relaxed') ? 'relaxed' : 'strict';
      ready.push({ ...contender, variant, run: (image) => contender.run(image), dispose: () => contender.dispose() });
    }
  }
  return ready;
}

/** What is used of `senet/engines`, the part of the package that knows the peers. */
export type Peers = Readonly<Record<(typeof compilers)[keyof typeof compilers], Compile>>;
const compilers = { tfjs: 'compileTfjs', ort: 'compileOrt', litert: 'compileLitert' } as const;
type Compile = (graph: Graph, weights: ReadonlyMap<string, Tensor>, options: ContenderOptions) => Promise<Contender>;

/** By the package's own name, so that a user of the library who never benchmarks loads none of it. In a variable, since that part is built on this one. */
async function loadPeers(name = 'senet/engines'): Promise<Peers> {
  try {
    return await import(name);
  } catch (cause) {
    throw new UnsupportedError(`--against needs the package's own ${name} (${(cause as Error).message})`, { cause });
  }
}

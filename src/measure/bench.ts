import { SenetError } from '../errors.js';
import { count as countGraph } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { syntheticTensor } from '../io/synthetic.js';
import { decibels, relativeError } from '../stats/error.js';
import { type Paired, paired, type SeCost, seCost } from '../stats/paired.js';
import { interleave, quantile, sorted } from '../stats/timing.js';
import type { Shape, Tensor } from '../tensor.js';
import { conformanceLimits, synthetic } from '../verify/vector.js';
import type { KernelsBuild } from '../wasm/features.js';
import { type EngineAlgorithms, type EngineName, type Runner, type RunnerOptions, runners } from './engines.js';
import { type BuiltNetwork, type MeasuredNetwork, zooNetwork } from './network.js';

/** A contender's times. */
export interface EngineTiming {
  readonly model: string;
  /** Whether the timed network has gates. */
  readonly se: boolean;
  readonly engine: EngineName;
  readonly variant: KernelsBuild;
  /** In our rows: how 3×3 convolutions are computed. */
  readonly algorithms?: EngineAlgorithms;
  /** In our rows, where the engine was seen to join pairs of vectors. */
  readonly pairedVectors?: true;
  /** In our relaxed rows, where the engine rounds products before it adds them. */
  readonly notFused?: true;
  readonly threads: number;
  readonly batch: number;
  readonly medianMs: number;
  readonly p95Ms: number;
  readonly minMs: number;
  readonly gflops: number;
  readonly version: string;
  /** max |a − b| / max |b| of the logits against our first row. */
  readonly agreement: number;
  /** The same against PyTorch's float64, where a vector of this network ships. */
  readonly relativeError?: number;
  /** The engine had to compose an op that it lacks. */
  readonly composed?: true;
  /** In rows with gates, where the twin without was timed beside them. */
  readonly seCostPercent?: SeCost;
  /** In another engine's rows: its time over that of our first row on the same network. */
  readonly timesOurs?: Paired;
  /** In our rows with another number of threads than the first: the first's time over this one's. */
  readonly speedup?: Paired;
}

export interface BenchOptions extends RunnerOptions {
  readonly batch: number;
  readonly rounds: number;
  readonly withoutSe: boolean;
  /** Float64 logits of a network on `synthetic` weights and an image of this shape, where they are known. */
  readonly truthOf: (id: string, input: Shape) => Promise<Float64Array | undefined>;
  /** Hears what is under way. */
  readonly progress: (text: string) => void;
}

/** Engines each within their conformance limit of the truth are within the sum of both of one another. */
const agreementLimit = (algorithms: EngineAlgorithms): number => conformanceLimits.direct + conformanceLimits[algorithms];

/**
 * How near engines are that agree on a quantised network, in decibels. A number that lies near the middle of two integers is rounded to either, and each layer behind
 * sees other integers: no bound of the logits follows of float32's. At each step an engine is off by the integer's quantum at most, so together by noise such as the integers
 * themselves make of the floats: a tenth of the numbers' size, where that is 20 dB. `senet verify --against` has the bound of each value.
 */
export const quantisedAgreement = 20;

/** Why logits are not ours; undefined where they are. */
function disagreement(
  graph: Graph,
  found: Tensor['data'],
  ours: Tensor['data'],
  algorithms: readonly EngineAlgorithms[],
): string | undefined {
  if (graph.nodes.some(({ integers }) => integers !== undefined)) {
    const near = decibels(found, ours);
    return near >= quantisedAgreement
      ? undefined
      : `are ${near.toFixed(1)} dB from ours, and ${quantisedAgreement} are agreement of integers`;
  }
  const off = relativeError(found, ours);
  const limit = Math.max(...algorithms.map(agreementLimit));
  return off <= limit ? undefined : `differ from ours by ${off} of the largest, more than ${limit}`;
}

/**
 * Times one network in every engine asked for, with its twin if asked. Other engines get the graph in their own form, as we write it.
 *
 * @param network one of the zoo by its name, or any
 * @throws UnsupportedError for an engine that is missing; DisagreementError if the outputs differ: then nothing is timed.
 */
export async function bench(
  network: string | MeasuredNetwork,
  { batch, rounds, withoutSe, truthOf, progress, ...options }: BenchOptions,
): Promise<readonly EngineTiming[]> {
  const { name: id, se, build } = typeof network === 'string' ? zooNetwork(network) : network;
  const twin = withoutSe && se;
  const built = [build({ batch }), ...(twin ? [build({ batch, se: false })] : [])];
  progress(`${id}: compiling`);
  const groups: (readonly Ready[])[] = [];
  for (const [i, one] of built.entries()) groups.push(await group(one, options, i === 0 ? (input) => truthOf(id, input) : undefined)); // one after another: the peers keep global state
  try {
    const all = groups.flat();
    const times = await interleave(
      all.map(
        ({ runner, image }) =>
          () =>
            runner.run(image),
      ),
      { warmup: 3, rounds, progress: (round) => void (round % 10 === 0 && progress(`${id}: round ${round} of ${rounds}`)) },
    );
    const half = all.length / groups.length;
    return all.map(({ runner, agreement, relativeError, macs }, i): EngineTiming => {
      const gated = groups.length === 2 && i < half;
      const hasGates = se && i < (twin ? half : all.length);
      const costs = gated ? { seCostPercent: seCost(times[i] as number[], times[i + half] as number[]) } : {};
      const rival = fewerThreads(all, i);
      const gain =
        rival === undefined ? {} : { speedup: paired(times[rival] as number[], times[i] as number[], (one, more) => one / more) };
      const against =
        runner.engine === 'senet'
          ? {}
          : { timesOurs: paired(times[i] as number[], times[i < half ? 0 : half] as number[], (theirs, ours) => theirs / ours) };
      return {
        ...row(id, hasGates, runner, batch, times[i] as number[], macs, agreement),
        ...(relativeError !== undefined && { relativeError }),
        ...costs,
        ...against,
        ...gain,
      };
    });
  } finally {
    for (const { runner } of groups.flat()) await runner.dispose();
  }
}

/** The outputs of two engines differ by more than rounding explains: a failed check. */
export class DisagreementError extends SenetError {
  override readonly name = 'DisagreementError';
}

interface Ready {
  readonly runner: Runner;
  readonly image: Tensor;
  readonly macs: number;
  readonly agreement: number;
  readonly relativeError?: number;
}

/** Every engine on one graph, each shown to agree with the first; `truthOf` is there if the graph is a published one. */
async function group(
  { graph, weights: make }: BuiltNetwork,
  options: RunnerOptions,
  truthOf: ((input: Shape) => Promise<Float64Array | undefined>) | undefined,
): Promise<readonly Ready[]> {
  const weights = make();
  const [output = ''] = graph.outputs.keys();
  const shape = (graph.nodes[0] as Graph['nodes'][number]).shape;
  const contenders = await runners(graph, weights, options); // a batch that is too large is refused before its images are made
  const image = syntheticTensor('input', shape, synthetic.seed);
  const truth = await truthOf?.(shape);
  const ready: Ready[] = [];
  let first: Tensor['data'] | undefined;
  for (const runner of contenders) {
    const { data } = (await runner.run(image)).get(output) as Tensor;
    first ??= data;
    const agreement = relativeError(data, first);
    const wrong = disagreement(graph, data, first, options.algorithms);
    if (wrong !== undefined) throw new DisagreementError(`${runner.engine} ${runner.variant}: logits ${wrong}`);
    const error = truth && relativeError(data, truth);
    ready.push({ runner, image, macs: countGraph(graph).macs, agreement, ...(error !== undefined && { relativeError: error }) });
  }
  return ready;
}

function row(
  model: string,
  se: boolean,
  runner: Runner,
  batch: number,
  times: readonly number[],
  macs: number,
  agreement: number,
): EngineTiming {
  const { engine, variant, algorithms, pairedVectors, notFused, threads, version: engineVersion, composed } = runner;
  const ascending = sorted(times);
  const medianMs = quantile(ascending, 0.5);
  return {
    model,
    se,
    engine,
    variant,
    ...(algorithms && { algorithms }),
    ...(pairedVectors && { pairedVectors }),
    ...(notFused && { notFused }),
    threads,
    batch,
    medianMs,
    p95Ms: quantile(ascending, 0.95),
    minMs: ascending[0] as number,
    gflops: (2 * macs) / medianMs / 1e6,
    version: engineVersion,
    agreement,
    ...(composed && { composed }),
  };
}

/** The first contender that differs from contender `i` in its threads only, if that is another one. */
function fewerThreads(all: readonly Ready[], i: number): number | undefined {
  const alike = ({ image, runner: { engine, variant, algorithms }, macs }: Ready): string =>
    [image.shape, engine, variant, algorithms, macs].join();
  const first = all.findIndex((other) => alike(other) === alike(all[i] as Ready));
  return first === i ? undefined : first;
}

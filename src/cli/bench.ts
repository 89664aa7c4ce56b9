import { Command, InvalidArgumentError, Option } from 'commander';
import { SenetError } from '../errors.js';
import { count as countGraph } from '../graph/count.js';
import type { Graph } from '../graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../io/synthetic.js';
import { createModel, findModel } from '../models/index.js';
import type { Tensor } from '../tensor.js';
import type { Variant } from '../wasm/features.js';
import { enablePairing, notPaired } from './engine.js';
import { type EngineAlgorithms, type EngineName, presentVariants, type Runner, type RunnerOptions, runners } from './engines.js';
import { hostFacts, hostLine } from './host.js';
import { algorithmsOption, count, counts, revectorizeOption } from './options.js';
import { note, print, printJson, table } from './output.js';
import { version } from './package.js';
import { benchTiles } from './tiles.js';
import { interleave, medianInterval, quantile, sorted } from './timing.js';
import { shippedLogits, synthetic } from './truth.js';
import { conformanceLimits } from './vector.js';

/** What two contenders' times say of each other, run by run. */
export interface Paired {
  readonly median: number;
  /** 95 % interval of the median. */
  readonly low: number;
  readonly high: number;
  readonly pairs: number;
}

/** The ratios of a network's time with its gates to that without, less one, in per cent. */
export type SeCost = Paired;

export interface Row {
  readonly model: string;
  /** Whether the timed network has gates. */
  readonly se: boolean;
  readonly engine: EngineName;
  readonly variant: Variant;
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
  /** In our rows with another number of threads than the first: the first's time over this one's. */
  readonly speedup?: Paired;
}

export interface BenchOptions extends Omit<RunnerOptions, 'version'> {
  readonly batch: number;
  readonly rounds: number;
  readonly withoutSe: boolean;
}

interface Flags {
  readonly batch: number;
  readonly threads: readonly number[];
  readonly rounds?: number;
  readonly kernels?: Variant;
  readonly algorithms: EngineAlgorithms;
  readonly against?: readonly Exclude<EngineName, 'senet'>[];
  readonly withoutSe?: true;
  readonly revectorize?: true;
  readonly tiles?: true;
  readonly json?: true;
}

const defaultModels = ['resnet50', 'legacy_seresnet50', 'legacy_seresnext50_32x4d'];

/** Engines each within their conformance limit of the truth are within the sum of both of one another. */
const agreementLimit = (algorithms: EngineAlgorithms): number => conformanceLimits.direct + conformanceLimits[algorithms];

/** `senet bench`: engines side by side, or a network beside itself without gates. */
export function benchCommand(): Command {
  return new Command('bench')
    .description(`time networks: engines agree on the output first, then run interleaved (default: ${defaultModels.join(', ')})`)
    .argument('[model...]', 'networks of `senet models`')
    .option('--batch <images>', 'images a run', count, 1)
    .option('--threads <numbers>', 'threads of every engine; several of ours, separated by commas, beside each other', counts, [1])
    .option('--rounds <number>', 'timed runs of each contender (default: 15; with --without-se 51)', count)
    .addOption(new Option('--kernels <name>', 'only these of our kernels (default: all that run here)').choices(['strict', 'relaxed']))
    .option('--against <engines>', 'tfjs and ort, separated by commas', engineList)
    .addOption(algorithmsOption('fast'))
    .addOption(revectorizeOption())
    .option('--without-se', "add each SE network's twin without gates, and SE's cost in paired runs")
    .option('--tiles', 'instead of networks, every register tile of the matrix product')
    .option('--json', 'print rows as JSON')
    .action(async (models: string[], flags: Flags) => {
      const { batch, threads, kernels, algorithms, against = [], withoutSe = false, json } = flags;
      if (flags.revectorize) enablePairing();
      if (flags.tiles) return benchTiles(json === true);
      const variants = kernels ? [kernels] : presentVariants();
      const options = {
        batch,
        threads,
        variants,
        algorithms: [algorithms],
        against,
        withoutSe,
        rounds: Math.max(flags.rounds ?? 15, withoutSe ? 51 : 1),
      };
      const ids = (models.length > 0 ? models : defaultModels).map((name) => findModel(name).id);
      const rows: Row[] = [];
      for (const id of ids) rows.push(...(await bench(id, options)));
      if (flags.revectorize && !rows.some(({ pairedVectors }) => pairedVectors)) note(notPaired);
      if (json) return printJson(rows);
      print(`${hostLine(hostFacts())}\n`);
      print(benchTable(rows));
    });
}

/**
 * Times one network in every engine asked for, with its twin if asked.
 *
 * @throws UnsupportedError for an engine that is missing; DisagreementError if the outputs differ: then nothing is timed.
 */
export async function bench(id: string, { batch, rounds, withoutSe, ...rest }: BenchOptions): Promise<readonly Row[]> {
  const options = { ...rest, version };
  const twin = withoutSe && findModel(id).se;
  const graphs = [createModel(id, { batch }), ...(twin ? [createModel(id, { batch, se: false })] : [])];
  note(`${id}: compiling`);
  const groups: (readonly Ready[])[] = [];
  for (const [i, graph] of graphs.entries()) groups.push(await group(graph, options, i === 0 ? id : undefined)); // one after another: the peers keep global state
  try {
    const all = groups.flat();
    const times = await interleave(
      all.map(
        ({ runner, image }) =>
          () =>
            runner.run(image),
      ),
      { warmup: 3, rounds, progress: (round) => round % 10 === 0 && note(`${id}: round ${round} of ${rounds}`) },
    );
    const half = all.length / groups.length;
    return all.map(({ runner, agreement, relativeError, macs }, i): Row => {
      const gated = groups.length === 2 && i < half;
      const se = findModel(id).se && i < (twin ? half : all.length);
      const costs = gated ? { seCostPercent: seCost(times[i] as number[], times[i + half] as number[]) } : {};
      const rival = fewerThreads(all, i);
      const gain =
        rival === undefined ? {} : { speedup: paired(times[rival] as number[], times[i] as number[], (one, more) => one / more) };
      return {
        ...row(id, se, runner, batch, times[i] as number[], macs, agreement),
        ...(relativeError !== undefined && { relativeError }),
        ...costs,
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

/** Every engine on one graph, each shown to agree with the first; `id` names the network, if its graph is the published one. */
async function group(graph: Graph, options: RunnerOptions, id: string | undefined): Promise<readonly Ready[]> {
  const weights = syntheticWeights(graph, synthetic);
  const shape = (graph.nodes[0] as Graph['nodes'][number]).shape;
  const contenders = await runners(graph, weights, options); // a batch that is too large is refused before its images are made
  const image = syntheticTensor('input', shape, synthetic.seed);
  const truth = id === undefined ? undefined : await shippedLogits(id, shape);
  const ready: Ready[] = [];
  let first: Tensor['data'] | undefined;
  for (const runner of contenders) {
    const { data } = (await runner.run(image)).get('logits') as Tensor;
    first ??= data;
    const agreement = relativeDifference(data, first);
    const limit = Math.max(...options.algorithms.map(agreementLimit));
    if (!(agreement <= limit))
      throw new DisagreementError(
        `${runner.engine} ${runner.variant}: logits differ from ours by ${agreement} of the largest, more than ${limit}`,
      );
    const relativeError = truth && relativeDifference(data, truth);
    ready.push({ runner, image, macs: countGraph(graph).macs, agreement, ...(relativeError !== undefined && { relativeError }) });
  }
  return ready;
}

function relativeDifference(a: Tensor['data'], b: Tensor['data']): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs((a[i] as number) - (b[i] as number)));
    largest = Math.max(largest, Math.abs(b[i] as number));
  }
  return difference / largest;
}

function row(model: string, se: boolean, runner: Runner, batch: number, times: readonly number[], macs: number, agreement: number): Row {
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

const paired = (a: readonly number[], b: readonly number[], measure: (a: number, b: number) => number): Paired => {
  const values = a.map((time, i) => measure(time, b[i] as number));
  return { ...medianInterval(values), pairs: values.length };
};

export const seCost = (withGates: readonly number[], without: readonly number[]): SeCost =>
  paired(withGates, without, (gated, bare) => 100 * (gated / bare - 1));

export function benchTable(rows: readonly Row[]): string {
  const fixed = (value: number, digits: number): string => value.toFixed(digits);
  const shown = rows.map(
    ({
      model,
      se,
      engine,
      variant,
      algorithms,
      pairedVectors,
      notFused,
      threads,
      batch,
      medianMs,
      p95Ms,
      minMs,
      gflops,
      version,
      agreement,
      relativeError,
      composed,
      seCostPercent,
      speedup,
    }) => [
      model,
      se ? 'SE' : '',
      `${engine} ${version}${composed ? ' (composed)' : ''}`,
      engine === 'senet' ? `${variant}${notFused ? ' (not fused)' : ''} ${algorithms}${pairedVectors ? ', paired' : ''}` : '',
      String(threads),
      String(batch),
      fixed(medianMs, 1),
      fixed(p95Ms, 1),
      fixed(minMs, 1),
      fixed(gflops, 1),
      agreement.toExponential(1),
      relativeError === undefined ? '' : relativeError.toExponential(1),
      seCostPercent ? costText(seCostPercent) : '',
      speedup ? speedupText(speedup) : '',
    ],
  );
  return table([
    [
      'network',
      'gates',
      'engine',
      'kernels',
      'threads',
      'batch',
      'median ms',
      'p95',
      'min',
      'GFLOP/s',
      'agreement',
      'error',
      'cost of SE',
      'speed-up',
    ],
    ...shown,
  ]);
}

export const costText = ({ median, low, high }: SeCost): string => `${signed(median)} % (${signed(low)} to ${signed(high)})`;
export const speedupText = ({ median, low, high }: Paired): string => `${median.toFixed(2)} (${low.toFixed(2)} to ${high.toFixed(2)})`;
const signed = (value: number): string => `${value < 0 ? '' : '+'}${value.toFixed(2)}`;

function engineList(text: string): readonly Exclude<EngineName, 'senet'>[] {
  return text.split(',').map((name) => {
    if (name !== 'tfjs' && name !== 'ort') throw new InvalidArgumentError('Expected tfjs, ort, or both separated by a comma.');
    return name;
  });
}

import { basename, join } from 'node:path';
import { networkMetadata } from '../../checkpoints/index.js';
import { trainedMetadata } from '../../classifier/trained.js';
import { SenetError } from '../../errors.js';
import type { Graph } from '../../graph/graph.js';
import { saveSafetensors } from '../../io/safetensors.js';
import { findModel } from '../../models/index.js';
import type { ModelOptions } from '../../models/model.js';
import { quantisedFile } from '../../quant/file.js';
import { runReport } from '../../report/training.js';
import type { TrainingConfig } from '../../train/config.js';
import { type EpochLine, type MetricsLine, nothing, scoreOf, tallied } from '../../train/metrics.js';
import type { Tensors } from '../../train/optimiser.js';
import { optimiserOf, scheduleOf } from '../../train/recipe.js';
import { allFinite, type Found, type Recipe, type TrainingState, trainableOf, trainStep } from '../../train/step.js';
import { writeNow } from '../writeNow.js';
import { type Position, type RunState, writeCheckpoint } from './checkpoint.js';
import type { TrainingData } from './data.js';
import { runFiles } from './folder.js';
import type { Metrics } from './metrics.js';
import { openTrainer } from './network.js';
import { type QuantisedNetwork, quantisedNetwork } from './quantised.js';
import { scoreOn } from './test.js';

/** Training that went wrong: a failed check. */
export class DivergenceError extends SenetError {
  override readonly name = 'DivergenceError';
}

/** What a run is made of. */
export interface Run {
  readonly folder: string;
  readonly config: TrainingConfig;
  /** In inference mode. */
  readonly network: Graph;
  readonly data: TrainingData;
  readonly metrics: Metrics;
}

/** Who watches a run. */
export interface Watcher {
  /** Whether to stop when the step at hand is done. */
  stopped(): boolean;
  stepped(steps: number, found: Found): void;
  wrote(line: MetricsLine): void;
}

export const stepsPerEpoch = ({ config, data }: Pick<Run, 'config' | 'data'>): number => Math.floor(data.images / config.batch);

/** The network of a state: the averaged weights, where an average is kept. */
export const networkWeights = ({ weights, average }: TrainingState): Tensors => average ?? weights;

/**
 * Trains from a state to the last epoch, or until the watcher stops it. Where it ends, a checkpoint has been written.
 *
 * @throws DivergenceError for a loss or weights that are no numbers, or a loss far above what it has been; the last checkpoint is from before.
 */
export async function train(run: Run, from: RunState, watcher: Watcher): Promise<RunState> {
  const { folder, config, network, data, metrics } = run;
  const perEpoch = stepsPerEpoch(run);
  const quantised = from.recipe && quantisedNetwork(network, from.recipe);
  using trainer = await openTrainer(network, from.state.weights, config, quantised);
  const recipe: Recipe = {
    ...config,
    gradients: trainer.run,
    classes: data.classes.length,
    trainable: trainableOf(network),
    optimiser: optimiserOf(config.optimiser),
    schedule: scheduleOf(config, perEpoch),
  };
  let { state, position } = from;
  let saved = state.steps;
  let lr = recipe.schedule(Math.max(0, state.steps - 1));
  const began = performance.now() - 1000 * position.seconds;
  const seconds = (): number => (performance.now() - began) / 1000;
  let pace = paceFromNow();

  const save = (): RunState => {
    position = { ...position, seconds: seconds() };
    const reached = { ...from, state, position };
    writeCheckpoint(folder, reached);
    saved = state.steps;
    return reached;
  };
  const write = (line: MetricsLine): void => {
    metrics.add(line);
    watcher.wrote(line);
  };
  const diverged = (what: string): DivergenceError =>
    new DivergenceError(
      `${what}: a lower lr, a rise of it (schedule one-cycle) or clip may help. The last good checkpoint is ${join(folder, runFiles.checkpoint)}, after step ${saved}`,
    );

  for (let epoch = position.epochs; epoch < config.epochs; epoch++) {
    for await (const batch of data.batches(epoch, state.steps - epoch * perEpoch)) {
      const { state: next, found } = await trainStep(state, batch, recipe);
      if (!allFinite(next, found))
        throw diverged(`step ${next.steps}: ${Number.isFinite(found.loss) ? 'weights are not finite' : `the loss is ${found.loss}`}`);
      state = next;
      lr = found.lr;
      pace.add(found.images);
      const tally = { images: found.images, correct: found.correct, loss: found.loss * found.images };
      position = { ...position, window: tallied(position.window, tally), epoch: tallied(position.epoch, tally) };
      watcher.stepped(state.steps, found);
      if (state.steps % config.logEvery === 0) {
        write({ kind: 'step', step: state.steps, ...scoreOf(position.window), lr, imagesPerSecond: pace.perSecond() });
        position = { ...position, window: nothing };
        pace = paceFromNow();
      }
      if (watcher.stopped()) return save();
      if (state.steps % config.checkpointEvery === 0) save();
    }

    const tests = await testAll(run, quantised, state, watcher);
    if (tests === undefined) return save();
    if (!Number.isFinite((tests.average ?? tests.test).loss)) throw diverged(`epoch ${epoch + 1}: the loss of the test set is not finite`);
    const mean = scoreOf(position.epoch);
    const line = { kind: 'epoch', epoch: epoch + 1, step: state.steps, ...mean, lr, ...tests, seconds: seconds() } as const;
    const chance = Math.log(data.classes.length);
    if ((position.lowestLoss ?? Infinity) < chance && mean.loss > 2 * chance)
      throw diverged(
        `epoch ${epoch + 1}: the mean loss is ${mean.loss.toFixed(2)}, after ${position.lowestLoss?.toFixed(2)} in an earlier epoch, and guessing is ${chance.toFixed(2)}`,
      );
    write(line);
    position = nextEpoch(position, line);
    if (position.best?.epoch === line.epoch) writeNetworks(run, quantised, bestFiles, networkWeights(state));
    writeNow(join(folder, runFiles.report), runReport(basename(folder), config, metrics.lines));
    save();
    pace = paceFromNow();
  }
  writeNetworks(run, quantised, lastFiles, networkWeights(state));
  return { ...from, state, position };
}

/** By the integers, of a run that trains for them. Undefined if the watcher stops it. */
async function testAll(
  { network, data, config }: Run,
  quantised: QuantisedNetwork | undefined,
  { weights, average }: TrainingState,
  { stopped }: Watcher,
): Promise<Pick<EpochLine, 'test' | 'average'> | undefined> {
  const scored = (of: Tensors) =>
    quantised
      ? scoreOn(data.test(), quantised.graph, quantised.weights(of), config, stopped)
      : scoreOn(data.test(), network, of, config, stopped);
  const test = await scored(weights);
  if (test === undefined || average === undefined) return test && { test };
  const averaged = await scored(average);
  return averaged && { test, average: averaged };
}

function nextEpoch(position: Position, { epoch, loss, test, average }: EpochLine): Position {
  const { accuracy } = average ?? test;
  const best = position.best === null || accuracy > position.best.accuracy ? { epoch, accuracy } : position.best;
  return { ...position, epochs: epoch, epoch: nothing, best, lowestLoss: Math.min(position.lowestLoss ?? Infinity, loss) };
}

/** Images a second, from now on. */
function paceFromNow(): { add(images: number): void; perSecond(): number } {
  const since = performance.now();
  let images = 0;
  return {
    add: (more) => {
      images += more;
    },
    perSecond: () => images / ((performance.now() - since) / 1000),
  };
}

const bestFiles = { float: runFiles.best, integers: runFiles.bestQuantised };
const lastFiles = { float: runFiles.last, integers: runFiles.lastQuantised };

/**
 * A network that other commands take as it is, and its integers, of a run that trains for them: the file says which variant it is, for which images, and what its
 * classes are called.
 */
function writeNetworks(
  { folder, config, network, data }: Run,
  quantised: QuantisedNetwork | undefined,
  files: typeof bestFiles | typeof lastFiles,
  weights: Tensors,
): void {
  const [, , size = 0] = network.nodes[0]?.shape ?? [];
  const metadata = (options: ModelOptions) => ({
    ...networkMetadata({ model: findModel(config.model).id, options }),
    ...trainedMetadata(config, size, data.classes),
  });
  const options = config.options as ModelOptions;
  writeNow(join(folder, files.float), saveSafetensors(weights, { metadata: metadata(options) }));
  if (quantised === undefined) return;
  const { graph, recipe } = quantised;
  writeNow(join(folder, files.integers), quantisedFile(graph, quantised.weights(weights), metadata({ ...options, quantised: recipe })));
}

import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { grad } from '../../../src/graph/grad.js';
import { enableRelaxed } from '../../../src/node/engine.js';
import { beginning } from '../../../src/node/runs/begin.js';
import { calibratedRun } from '../../../src/node/runs/calibrated.js';
import { type RunState, readCheckpoint, writeCheckpoint } from '../../../src/node/runs/checkpoint.js';
import { runFiles } from '../../../src/node/runs/folder.js';
import { openMetrics } from '../../../src/node/runs/metrics.js';
import { networkOf, openTrainer } from '../../../src/node/runs/network.js';
import { quantisedNetwork } from '../../../src/node/runs/quantised.js';
import { train } from '../../../src/node/runs/run.js';
import { scoreOn } from '../../../src/node/runs/test.js';
import { loadWeightsFile } from '../../../src/node/weightsFile.js';
import { fakeQuantised } from '../../../src/quant/fake.js';
import type { QuantisedRecipe } from '../../../src/quant/recipe.js';
import type { Tensor } from '../../../src/tensor.js';
import { readConfig } from '../../../src/train/config.js';
import { crossEntropy, targetsOf } from '../../../src/train/loss.js';
import type { MetricsLine } from '../../../src/train/metrics.js';
import { tensorsOf } from '../../../src/train/state.js';
import { compile } from '../../../src/wasm/session.js';
import { bitsOf } from '../../support/bits.js';
import { some } from '../../support/length.js';
import { brightness } from './data.js';

let folders: string;
beforeAll(async () => {
  enableRelaxed();
  folders = await mkdtemp(join(tmpdir(), 'senet-train-'));
});
afterAll(() => rm(folders, { recursive: true }));

const least = { model: 'se_resnet8_cifar10', size: 8, data: { train: 'train', test: 'test' }, batch: 4, epochs: 2, lr: 0.05 };
const newFolder = (): Promise<string> => mkdtemp(join(folders, 'run-'));

/** Runs until the end, or until so many steps are taken, from the last checkpoint or the beginning. */
async function trainIn(folder: string, settings: object = {}, until = Infinity): Promise<RunState> {
  const config = readConfig({ ...least, ...settings, ...('init' in settings && { init: await trained() }) });
  const data = brightness();
  const network = networkOf(config, data.classes.length);
  const begun = async (): Promise<RunState> => {
    const first = await beginning(config, network);
    return config.quantise ? calibratedRun(first, config, data) : first;
  };
  const from = (await readCheckpoint(folder, { config, network, perEpoch: 5 })) ?? (await begun());
  using metrics = openMetrics(join(folder, runFiles.metrics), { steps: from.state.steps, epochs: from.position.epochs });
  if (from.state.steps === 0) writeCheckpoint(folder, from);
  let steps = from.state.steps;
  const watcher = {
    stopped: () => steps >= until,
    stepped: (now: number) => {
      steps = now;
    },
    wrote: () => {},
  };
  return await train({ folder, config, network, data, metrics }, from, watcher); // before the metrics are closed
}

let first: Promise<string> | undefined;
/** A network that a run left, for another to go on with. */
async function trained(): Promise<string> {
  const train = async (): Promise<string> => {
    const folder = await newFolder();
    await trainIn(folder);
    return join(folder, runFiles.last);
  };
  first ??= train();
  return first;
}

/** What a run wrote about itself, but for how long it took. */
const linesOf = async (folder: string) =>
  (await readFile(join(folder, runFiles.metrics), 'utf8'))
    .trimEnd()
    .split('\n')
    .map((line) => ({ ...(JSON.parse(line) as MetricsLine), imagesPerSecond: 0, seconds: 0 }));

const everything = { optimiser: { name: 'adamw' }, schedule: { name: 'one-cycle' }, average: 0.9, clip: 1, smoothing: 0.1, logEvery: 3 };

describe('a run', () => {
  test('learns, and leaves the network of its best epoch and of its last', async () => {
    const folder = await newFolder();
    const { state, position } = await trainIn(folder, { epochs: 4 });
    expect(state.steps).toBe(20);
    expect(position.best?.accuracy).toBe(1);
    expect(await readdir(folder)).toEqual([runFiles.best, runFiles.checkpoint, runFiles.last, runFiles.metrics, runFiles.report]);
    const last = await loadWeightsFile(join(folder, runFiles.last));
    expect([last.model, last.classes, last.weights]).toEqual(['senet/se_resnet8_cifar10', 2, state.weights]);
  });

  const kinds = [
    ['sgd', { optimiser: { name: 'sgd', nesterov: true, weightDecay: 1e-3 } }],
    ['everything else', everything],
    ['for integers', { ...everything, quantise: true, init: 'trained' }],
  ] as const;
  test.each(some(kinds, 2))('interrupted after any step, goes on to the same bits: %s', async (_what, settings) => {
    const whole = await newFolder();
    const unbroken = await trainIn(whole, settings);
    const lines = await linesOf(whole);
    const steps = Array.from({ length: unbroken.state.steps - 1 }, (_, i) => i + 1);
    expect(steps).toHaveLength(9);
    // by default after the first, the last of an epoch, and the last but one
    for (const until of some(steps, 4)) {
      const folder = await newFolder();
      expect((await trainIn(folder, settings, until)).state.steps).toBe(until);
      const resumed = await trainIn(folder, settings);
      expect(bitsOf(tensorsOf(resumed.state))).toEqual(bitsOf(tensorsOf(unbroken.state)));
      expect(resumed.position).toEqual({ ...unbroken.position, seconds: resumed.position.seconds });
      expect(await linesOf(folder)).toEqual(lines);
    }
  });
});

describe('a run that trains for integers', () => {
  const settings = { quantise: true, init: 'trained', lr: 0.01, epochs: 1 };

  test('leaves its network as floats and as integers, and is tested by the integers', async () => {
    const folder = await newFolder();
    const { state, recipe } = await trainIn(folder, settings);
    expect(await readdir(folder)).toEqual(
      [
        runFiles.best,
        runFiles.bestQuantised,
        runFiles.checkpoint,
        runFiles.last,
        runFiles.lastQuantised,
        runFiles.metrics,
        runFiles.report,
      ].sort(),
    );
    const [float, integers] = await Promise.all([runFiles.last, runFiles.lastQuantised].map((file) => loadWeightsFile(join(folder, file))));
    expect(float?.weights).toEqual(state.weights);
    expect(integers?.options.quantised).toEqual(recipe);
    const network = networkOf(readConfig({ ...least, ...settings }), 2);
    const made = quantisedNetwork(network, recipe as QuantisedRecipe);
    const numbers = (tensors: ReadonlyMap<string, Tensor> | undefined) =>
      Object.fromEntries([...(tensors ?? [])].map(([name, { shape, data }]) => [name, [shape, Array.from(data)]]));
    expect(numbers(integers?.weights)).toEqual(numbers(made.weights(state.weights)));
    const score = await scoreOn(brightness().test(), made.graph, made.weights(state.weights), readConfig(least), () => false);
    const lines = await linesOf(folder);
    expect(lines.at(-1)).toMatchObject({ kind: 'epoch', test: score });
  });

  test('steps by the gradients of rounded weights, and keeps the floats; batch norm’s statistics stay', async () => {
    const config = readConfig({ ...least, ...settings, init: await trained() });
    const network = networkOf(config, 2);
    const begun = await beginning(config, network);
    const { recipe } = await calibratedRun(begun, config, brightness());
    const { weights } = begun.state;
    const quantised = quantisedNetwork(network, recipe as QuantisedRecipe);
    const { value: batch } = await brightness().batches(0, 0)[Symbol.asyncIterator]().next();
    const inputs = { input: batch.input, targets: targetsOf(batch.labels, 2) };
    using trainer = await openTrainer(network, weights, config, quantised);
    const found = await trainer.run(weights, inputs);
    using plain = await compile(grad(fakeQuantised(network, recipe as QuantisedRecipe), crossEntropy), quantised.rounded(weights), {
      algorithms: config.algorithms,
    });
    for (const [name, { data }] of plain.run(inputs)) expect(found.get(name)?.data, name).toEqual(data);
    expect(quantised.rounded(weights)).not.toEqual(weights);

    const { state } = await trainIn(await newFolder(), settings);
    for (const [name, { data }] of state.weights) {
      if (name.includes('running_')) expect([name, data]).toEqual([name, weights.get(name)?.data]);
      else expect([name, data]).not.toEqual([name, weights.get(name)?.data]);
    }
  });

  test('does not go on by a checkpoint without a recipe, or with one of another network', async () => {
    const folder = await newFolder();
    const begun = await trainIn(folder, settings, 1);
    const config = readConfig({ ...least, ...settings });
    const run = { config, network: networkOf(config, 2), perEpoch: 5 };
    const { recipe: _, ...without } = begun;
    writeCheckpoint(folder, without);
    await expect(readCheckpoint(folder, run)).rejects.toThrow(
      `${runFiles.checkpoint}: does not say what the integers of a quantised network stand for`,
    );
    writeCheckpoint(folder, { ...begun, recipe: { values: {}, float: [] } });
    await expect(readCheckpoint(folder, run)).rejects.toThrow('nothing is said of the value input.1: it is of another network');
    writeCheckpoint(folder, { ...begun, recipe: { values: { 'input.1': [0, 0, 0, 0] }, float: [] } });
    await expect(readCheckpoint(folder, run)).rejects.toThrow('says of input.1 no scale');
  });
});

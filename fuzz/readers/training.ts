import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportCommand } from '../../src/cli/commands/report.js';
import { SenetError } from '../../src/errors.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { readCheckpoint } from '../../src/node/runs/checkpoint.js';
import { readConfigFile } from '../../src/node/runs/folder.js';
import { holdRun } from '../../src/node/runs/hold.js';
import { openMetrics } from '../../src/node/runs/metrics.js';
import { networkOf } from '../../src/node/runs/network.js';
import { noteVersions } from '../../src/node/runs/versions.js';
import type { Tensor } from '../../src/tensor.js';
import { optimiserOf, scheduleOf } from '../../src/train/recipe.js';
import { trainableOf } from '../../src/train/step.js';
import { text } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';
import { bulkJson, nearlyJson, nearlyLines } from '../make/json.js';
import { mutated } from '../make/mutate.js';
import { root } from '../place.js';
import type { Files, Reader } from '../reader.js';
import { runIn } from './command.js';
import { small, smallWeights } from './small.js';

/** Configurations of training, and the folders of runs. */

const bulkOnce = 300;
const sizes = [2 ** 14, 2 ** 17, 2 ** 19];

const perEpoch = 8;

/** A configuration with every kind of value in it. */
const full = JSON.stringify({
  model: small,
  options: { reduction: 16 },
  size: 32,
  data: { train: 'train', test: 'test' },
  augmentation: [
    { name: 'padCrop', size: 32, padding: 4 },
    { name: 'flip' },
    { name: 'areaCrop', size: 32, area: [0.1, 1] },
    { name: 'jitter', contrast: 0.2 },
  ],
  preparation: [
    { name: 'resize', size: 36 },
    { name: 'centreCrop', size: 32 },
  ],
  normalisation: { mean: [0.5, 0.5, 0.5], std: [0.2, 0.2, 0.2] },
  batch: 4,
  epochs: 2,
  optimiser: { name: 'sgd', momentum: 0.9, weightDecay: 0.0001 },
  lr: 0.1,
  schedule: { name: 'one-cycle', rise: 0.3 },
  smoothing: 0.1,
  clip: 1,
  seed: 1,
});
const adam = JSON.stringify({
  model: 'timm/resnet18',
  data: { train: 'a', test: 'b' },
  epochs: 3,
  lr: 0.001,
  optimiser: { name: 'adamw', betas: [0.9, 0.99] },
  schedule: { name: 'step', at: [1, 2] },
});

const classes = 10;

async function readConfiguration(file: string) {
  const config = await readConfigFile(file);
  const network = networkOf(config, classes);
  optimiserOf(config.optimiser);
  scheduleOf(config, perEpoch)(3);
  return { config, network };
}

export async function openConfigurations(): Promise<Reader> {
  const shipped = ['seresnet20_cifar10', 'resnet20_cifar10-again'].map((name) =>
    readFileSync(new URL(`recipes/${name}.json`, root), 'utf8'),
  );
  const good = [full, full, adam, ...shipped];
  return {
    make: (draw) => ({ 'config.json': draw.once(bulkOnce) ? bulkJson(draw.pick(sizes), draw) : nearlyJson(draw.pick(good), draw) }),
    read: async (files, place) => void (await readConfiguration(join(place.write(files), 'config.json'))),
  };
}

const step = { kind: 'step', step: 4, loss: 2.3, accuracy: 0.1, lr: 0.1, imagesPerSecond: 100 };
const epoch = {
  kind: 'epoch',
  epoch: 1,
  step: 8,
  loss: 2.2,
  accuracy: 0.2,
  lr: 0.1,
  test: { loss: 2.1, accuracy: 0.3 },
  average: { loss: 2, accuracy: 0.3 },
  seconds: 3,
};
const metrics = [step, epoch, { ...step, step: 12 }, { ...epoch, epoch: 2, step: 16 }].map((line) => JSON.stringify(line));
const tally = { images: 4, correct: 1, loss: 9.2 };
const position = { epochs: 1, window: tally, epoch: tally, best: { epoch: 1, accuracy: 0.3 }, lowestLoss: 2.2, seconds: 3, steps: 12 };
const versions = [{ step: 0, began: '2026-01-01T00:00:00.000Z', senet: '0.1.0', data: 'a', cpu: 'x', cores: 2 }];

const weights = smallWeights();
const trained = trainableOf(createModel(small));
const state: ReadonlyMap<string, Tensor> = new Map([
  ...[...weights].map(([name, tensor]) => [`weights/${name}`, tensor] as const),
  ...[...weights].filter(([name]) => trained.has(name)).map(([name, tensor]) => [`momentum/${name}`, tensor] as const),
]);
const strangers = ['__proto__/a', 'constructor/a', 'a', '/', '', 'steps/a', 'weights/__proto__', 'average/fc.bias'];

function checkpoint(draw: Draw): Uint8Array {
  const said = new TextDecoder().decode(nearlyJson(JSON.stringify(position), draw));
  const metadata = draw.once(12) ? {} : { 'senet.training': draw.once(2) ? JSON.stringify(position) : said };
  const tensors = new Map(state);
  const name = draw.pick([...state.keys()]);
  if (draw.once(12)) tensors.delete(name);
  if (draw.once(12)) tensors.set(name, syntheticTensor('input', [2, 3], 1));
  if (draw.once(8)) tensors.set(draw.pick(strangers), syntheticTensor('input', [2, 3], 1));
  const file = saveSafetensors(tensors, { metadata });
  return draw.once(6) ? mutated(file, draw) : file;
}

const whole = saveSafetensors(state, { metadata: { 'senet.training': JSON.stringify(position) } });

const holder = '{"pid":1,"host":"elsewhere"}';

/** The files of a run, each as likely to be damaged as another. */
function runFolder(draw: Draw): Files {
  const damaged = draw.whole(0, 5);
  const files: Record<string, Uint8Array> = {
    'config.json': damaged === 0 ? nearlyJson(full, draw) : text(full),
    'versions.json': damaged === 1 ? nearlyJson(JSON.stringify(versions), draw) : text(JSON.stringify(versions)),
    'metrics.jsonl': damaged === 2 || damaged === 3 ? nearlyLines(metrics, draw) : text(`${metrics.join('\n')}\n`),
    'checkpoint.safetensors': damaged >= 4 ? checkpoint(draw) : whole,
  };
  // one that makes no sense is given a second to be written whole
  if (draw.once(10)) files['running.json'] = draw.once(40) ? nearlyJson(holder, draw) : text(holder);
  const name = draw.pick(Object.keys(files));
  const kind = draw.whole(0, 39);
  if (kind < 4) delete files[name];
  else if (kind < 6) files[name] = new Uint8Array(0);
  else if (kind < 8)
    files[name] = new Uint8Array(draw.whole(1, 5000)); // what a power cut may leave
  else if (kind < 10) files[name] = files[draw.pick(Object.keys(files))] as Uint8Array;
  else if (draw.once(bulkOnce)) files[name] = bulkJson(draw.pick(sizes), draw);
  return files;
}

/** Whole folders of runs: as `senet report` reads them, and as `senet train` does to go on. */
export async function openRuns(): Promise<Reader> {
  const goOn = async (folder: string): Promise<void> => {
    const configured = await readConfiguration(join(folder, 'config.json'));
    using _held = holdRun(folder);
    const from = await readCheckpoint(folder, { ...configured, perEpoch });
    await noteVersions(folder, from?.state.steps ?? 0, 'a');
    using _metrics = openMetrics(join(folder, 'metrics.jsonl'), { steps: from?.state.steps ?? 0, epochs: from?.position.epochs ?? 0 });
  };
  return {
    make: runFolder,
    async read(files, place) {
      const folder = place.write(files);
      const report = await runIn(reportCommand(), folder).catch(refused);
      await goOn(folder);
      if (report) throw report;
    },
  };
}

/** Ours, to be thrown when the rest has been read, too. */
function refused(error: unknown): SenetError {
  if (error instanceof SenetError) return error;
  throw error;
}

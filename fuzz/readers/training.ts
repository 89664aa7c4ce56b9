import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { reportCommand } from '../../src/cli/report.js';
import { noteVersions, readCheckpoint, readConfigFile } from '../../src/cli/train/folder.js';
import { holdRun } from '../../src/cli/train/hold.js';
import { openMetrics } from '../../src/cli/train/metrics.js';
import { networkOf } from '../../src/cli/train/network.js';
import { SenetError } from '../../src/errors.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { optimiserOf, scheduleOf } from '../../src/train/recipe.js';
import { text } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';
import { bulkJson, nearlyJson, nearlyLines } from '../make/json.js';
import { mutated } from '../make/mutate.js';
import { root } from '../place.js';
import type { Files, Reader } from '../reader.js';
import { runIn } from './command.js';

/** Configurations of training, and the folders of runs. */

const bulkOnce = 300;
const sizes = [2 ** 14, 2 ** 17, 2 ** 19];

/** A configuration with every kind of value in it. */
const full = JSON.stringify({
  model: 'senet/se_resnet8_cifar10',
  options: { reduction: 4 },
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
  average: 0.99,
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

async function readConfiguration(file: string): Promise<void> {
  const config = await readConfigFile(file);
  networkOf(config, 10);
  optimiserOf(config.optimiser);
  scheduleOf(config, 10)(3);
}

export async function openConfigurations(): Promise<Reader> {
  const shipped = ['seresnet20_cifar10', 'resnet20_cifar10-again'].map((name) =>
    readFileSync(new URL(`training/${name}.json`, root), 'utf8'),
  );
  const good = [full, full, adam, ...shipped];
  return {
    make: (draw) => ({ 'config.json': draw.once(bulkOnce) ? bulkJson(draw.pick(sizes), draw) : nearlyJson(draw.pick(good), draw) }),
    read: async (files, place) => readConfiguration(join(place.write(files), 'config.json')),
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

const someTensor = (seed: number) => syntheticTensor('input', [2, 3], seed);
const state = new Map(
  ['weights/a', 'weights/b', 'average/a', 'average/b', 'momentum/a', 'momentum/b'].map((name, i) => [name, someTensor(i)] as const),
);

function checkpoint(draw: Draw): Uint8Array {
  const said = new TextDecoder().decode(nearlyJson(JSON.stringify(position), draw));
  const metadata = draw.once(12) ? {} : { 'senet.training': draw.once(3) ? JSON.stringify(position) : said };
  const tensors = new Map([...state].filter(() => !draw.once(12)));
  if (draw.once(8)) tensors.set(draw.pick(['__proto__/a', 'constructor/a', 'a', '/', '', 'steps/a', 'weights/__proto__']), someTensor(9));
  const file = saveSafetensors(tensors, { metadata });
  return draw.once(6) ? mutated(file, draw) : file;
}

/** The files of a run, each as likely to be damaged as another. */
function runFolder(draw: Draw): Files {
  const damaged = draw.whole(0, 4);
  const files: Record<string, Uint8Array> = {
    'config.json': damaged === 0 ? nearlyJson(full, draw) : text(full),
    'versions.json': damaged === 1 ? nearlyJson(JSON.stringify(versions), draw) : text(JSON.stringify(versions)),
    'metrics.jsonl': damaged === 2 || damaged === 3 ? nearlyLines(metrics, draw) : text(`${metrics.join('\n')}\n`),
    'checkpoint.safetensors': checkpoint(draw),
  };
  if (draw.once(10)) files['running.json'] = nearlyJson('{"pid":1,"host":"elsewhere"}', draw);
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
  const whole = async (folder: string): Promise<void> => {
    await readConfiguration(join(folder, 'config.json'));
    using _held = holdRun(folder);
    const from = await readCheckpoint(folder);
    noteVersions(folder, from?.state.steps ?? 0, 'a');
    using _metrics = openMetrics(join(folder, 'metrics.jsonl'), { steps: from?.state.steps ?? 0, epochs: from?.position.epochs ?? 0 });
  };
  return {
    make: runFolder,
    async read(files, place) {
      const folder = place.write(files);
      const report = await runIn(reportCommand(), folder).catch(refused);
      await whole(folder);
      if (report) throw report;
    },
  };
}

/** Ours, to be thrown when the rest has been read, too. */
function refused(error: unknown): SenetError {
  if (error instanceof SenetError) return error;
  throw error;
}

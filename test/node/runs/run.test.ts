import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { enableRelaxed } from '../../../src/node/engine.js';
import { beginning } from '../../../src/node/runs/begin.js';
import { type RunState, readCheckpoint, writeCheckpoint } from '../../../src/node/runs/checkpoint.js';
import { runFiles } from '../../../src/node/runs/folder.js';
import { openMetrics } from '../../../src/node/runs/metrics.js';
import { networkOf } from '../../../src/node/runs/network.js';
import { train } from '../../../src/node/runs/run.js';
import { loadWeightsFile } from '../../../src/node/weightsFile.js';
import { readConfig } from '../../../src/train/config.js';
import type { MetricsLine } from '../../../src/train/metrics.js';
import { tensorsOf } from '../../../src/train/state.js';
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
  const config = readConfig({ ...least, ...settings });
  const data = brightness();
  const network = networkOf(config, data.classes.length);
  const from = (await readCheckpoint(folder, { config, network, perEpoch: 5 })) ?? (await beginning(config, network));
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

  test.each([
    ['sgd', { optimiser: { name: 'sgd', nesterov: true, weightDecay: 1e-3 } }],
    ['everything else', everything],
  ])('interrupted after any step, goes on to the same bits: %s', async (_what, settings) => {
    const whole = await newFolder();
    const unbroken = await trainIn(whole, settings);
    const lines = await linesOf(whole);
    for (let until = 1; until < unbroken.state.steps; until++) {
      const folder = await newFolder();
      expect((await trainIn(folder, settings, until)).state.steps).toBe(until);
      const resumed = await trainIn(folder, settings);
      expect(tensorsOf(resumed.state)).toEqual(tensorsOf(unbroken.state));
      expect(resumed.position).toEqual({ ...unbroken.position, seconds: resumed.position.seconds });
      expect(await linesOf(folder)).toEqual(lines);
    }
  });
});

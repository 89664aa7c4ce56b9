import { existsSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { Command } from 'commander';
import { InputError } from '../../errors.js';
import { enablePairedVectors } from '../../node/engine.js';
import { catchInterrupt, exitCodeOf } from '../../node/interrupt.js';
import { note, print, printJson } from '../../node/output.js';
import { beginning } from '../../node/runs/begin.js';
import { calibratedRun } from '../../node/runs/calibrated.js';
import { type RunState, readCheckpoint, writeCheckpoint } from '../../node/runs/checkpoint.js';
import { openData } from '../../node/runs/data.js';
import { checkFree, readConfigFile, runFiles } from '../../node/runs/folder.js';
import { beginRun, holdRun } from '../../node/runs/hold.js';
import { openMetrics } from '../../node/runs/metrics.js';
import { networkOf } from '../../node/runs/network.js';
import { stepsPerEpoch, train } from '../../node/runs/run.js';
import { noteVersions } from '../../node/runs/versions.js';
import { watch } from '../../node/runs/watch.js';
import { duration, percent } from '../../report/format.js';
import type { TrainingConfig } from '../../train/config.js';
import { pickBuild } from '../../wasm/features.js';
import { algorithmsOption, count, kernelsOption, positive, revectorizeOption, tolerantOption, whole } from '../options.js';

interface Flags {
  readonly out?: string;
  readonly resume?: string;
  readonly data?: string;
  readonly init?: string;
  readonly epochs?: number;
  readonly batch?: number;
  readonly lr?: number;
  readonly seed?: number;
  readonly quantise?: true;
  readonly threads?: number;
  readonly kernels?: 'strict' | 'relaxed';
  readonly algorithms?: 'direct' | 'fast';
  readonly tolerant?: boolean;
  readonly revectorize?: true;
  readonly json?: true;
}

/** `senet train CONFIG.json`. */
export function trainCommand(): Command {
  return new Command('train')
    .description('train a network, or go on with a run that was interrupted')
    .argument('[path]', "a run's configuration, a JSON file; or the folder of a run, to go on with it")
    .option('--out <folder>', "the run's folder (default: the configuration's name without .json)")
    .option('--resume <folder>', 'go on with the run in this folder')
    .option('--data <folder>', 'the images, in train/ and test/')
    .option('--init <file>', 'first weights; a classifier for other classes begins anew')
    .option('--epochs <number>', 'how often each image is seen', count)
    .option('--batch <number>', 'images a step', count)
    .option('--lr <number>', 'the first learning rate, or the largest', positive)
    .option('--seed <number>', 'of weights, order and augmentation', whole)
    .option('--quantise', 'fine-tune the network of --init for 8 bits: it is trained on what its integers compute, and written as them too')
    .option('--threads <number>', 'threads that share each step', count)
    .addOption(kernelsOption())
    .addOption(algorithmsOption())
    .addOption(tolerantOption())
    .addOption(revectorizeOption())
    .option('--json', 'print where the run ended as JSON')
    .action(run)
    .addHelpText(
      'after',
      `
A run's folder holds config.json, versions.json, metrics.jsonl, checkpoint.safetensors, best.safetensors, last.safetensors and report.html.
Ctrl-C writes a checkpoint. A run resumed in the same runtime ends with the same bits as an unbroken one. Keys of a configuration: docs/training.md.`,
    );
}

async function run(path: string | undefined, { json, revectorize, tolerant = false, ...flags }: Flags): Promise<void> {
  if (revectorize) enablePairedVectors();
  const { folder, config, fresh } = await open(path, flags);
  checkThere(config);
  using data = await openData(config, { tolerant });
  const network = networkOf(config, data.classes.length);
  if (data.images < config.batch) throw new InputError(`batch is ${config.batch}, and there are ${data.images} images to train on`);
  const perEpoch = stepsPerEpoch({ config, data });
  using _kept = fresh ? undefined : holdRun(folder);
  const from = (fresh ? undefined : await readCheckpoint(folder, { config, network, perEpoch })) ?? (await begun());
  using _begun = fresh ? beginRun(folder, config) : undefined; // now that everything it takes is there
  await noteVersions(folder, from.state.steps, data.key);
  using metrics = openMetrics(join(folder, runFiles.metrics), { steps: from.state.steps, epochs: from.position.epochs });
  if (from.state.steps > 0) note(`${folder}: resuming after step ${from.state.steps}`);
  else writeCheckpoint(folder, from);

  using interrupt = catchInterrupt('SIGINT', 'SIGTERM');
  const watcher = watch({ steps: config.epochs * perEpoch, perEpoch, from: from.state.steps, batch: config.batch }, interrupt);
  const ended = await train({ folder, config, network, data, metrics }, from, watcher).finally(() => watcher.clear());
  const signal = ended.position.epochs < config.epochs ? interrupt.caught() : undefined;
  if (signal !== undefined) {
    note(`stopped after step ${ended.state.steps}: \`senet train ${folder}\` goes on from there`);
    process.exitCode = exitCodeOf(signal);
  }
  if (json) printJson({ ...summary(folder, ended), classesBy: data.classesBy, passedOver: data.passedOver });
  else if (signal === undefined) print(summaryText(folder, ended));

  async function begun(): Promise<RunState> {
    const first = await beginning(config, network);
    return config.quantise ? calibratedRun(first, config, data) : first;
  }
}

/** The paths of a configuration are of the machine that it was written on. @throws InputError naming the flag for another place */
function checkThere({ data }: TrainingConfig): void {
  const absent = [data.train, data.test].find((path) => !existsSync(path));
  if (absent !== undefined)
    throw new InputError(`${absent}: expected images, found nothing; --data names the folder that they are in, in train/ and test/`);
}

/** The run that the command is about: a fresh one, whose folder is yet to be made, or one that is there. */
async function open(
  path: string | undefined,
  flags: Omit<Flags, 'json' | 'revectorize' | 'tolerant'>,
): Promise<{ readonly folder: string; readonly config: TrainingConfig; readonly fresh: boolean }> {
  const { resume, out, ...changes } = flags;
  if (resume !== undefined && path !== undefined)
    throw new InputError('--resume names the folder of a run, so there is no configuration to read');
  const folder = resume ?? (path !== undefined && statSync(path, { throwIfNoEntry: false })?.isDirectory() ? path : undefined);
  if (folder !== undefined) {
    const [change] = Object.keys({ ...changes, ...(out !== undefined && { out }) }).filter((key) => key !== 'data');
    if (change !== undefined) throw new InputError(`--${change}: a run goes on as it began; only --data may name another place`);
    return { folder, config: withData(await readConfigFile(join(folder, runFiles.config)), changes.data), fresh: false };
  }
  if (path === undefined) throw new InputError('which run? Name a configuration, a JSON file, or the folder of a run to go on with');
  const { data, init, ...rest } = changes;
  const flagged = { ...rest, ...(init !== undefined && { init: resolve(init) }) };
  const config = resolved(withData(await readConfigFile(path, flagged), data), dirname(path));
  const made = out ?? basename(path).replace(/\.json$/, '');
  checkFree(made);
  return { folder: made, config, fresh: true };
}

/** Images to train on and to test with are in folders of their own, or, as CIFAR's files are, in one. */
function withData(config: TrainingConfig, folder: string | undefined): TrainingConfig {
  if (folder === undefined) return config;
  const [train, test] = existsSync(join(folder, 'train')) ? [join(folder, 'train'), join(folder, 'test')] : [folder, folder];
  return { ...config, data: { train: resolve(train), test: resolve(test) } };
}

/** The configuration as another process, started elsewhere, means the same by it: its paths are relative to its file. */
function resolved(config: TrainingConfig, folder: string): TrainingConfig {
  const { data, init, kernels } = config;
  return {
    ...config,
    data: { train: resolve(folder, data.train), test: resolve(folder, data.test) },
    init: init === undefined ? undefined : resolve(folder, init),
    kernels: pickBuild(kernels),
  };
}

interface Summary {
  readonly run: string;
  readonly steps: number;
  readonly epochs: number;
  readonly seconds: number;
  readonly best: { readonly epoch: number; readonly accuracy: number } | null;
}

const summary = (run: string, { state: { steps }, position: { epochs, seconds, best } }: RunState): Summary => ({
  run,
  steps,
  epochs,
  seconds,
  best,
});

function summaryText(folder: string, { position: { epochs, seconds, best } }: RunState): string {
  const trained = `${folder}: ${epochs} epochs in ${duration(seconds)}`;
  if (best === null) return trained;
  return `${trained}; ${percent(best.accuracy)} of the test images right after epoch ${best.epoch} (${join(folder, runFiles.best)})`;
}

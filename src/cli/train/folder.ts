import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { InputError, WeightsError } from '../../errors.js';
import { openSafetensors, saveSafetensors } from '../../io/safetensors.js';
import { bytesSource } from '../../io/source.js';
import type { Tensor } from '../../tensor.js';
import { readConfig, type TrainingConfig } from '../../train/config.js';
import { stateOf, tensorsOf } from '../../train/state.js';
import type { TrainingState } from '../../train/step.js';
import { naming, readJson } from '../files.js';
import { hostFacts } from '../host.js';
import { version } from '../package.js';
import { draftOf, writeNow } from '../writeNow.js';
import type { Tally } from './metrics.js';

/** The files of a run's folder, each there whole or not at all. */
export const runFiles = {
  config: 'config.json',
  /** Of the program and the machine, an entry each time that the run was begun or gone on with. */
  versions: 'versions.json',
  metrics: 'metrics.jsonl',
  /** All that the run needs to go on. */
  checkpoint: 'checkpoint.safetensors',
  /** The network after the epoch with the least errors on the test set. */
  best: 'best.safetensors',
  /** The network at the end. */
  last: 'last.safetensors',
  report: 'report.html',
  /** The process that trains in the folder, while it does. */
  holder: 'running.json',
} as const;

/** Where a run is, beside its tensors. */
export interface Position {
  /** Epochs that are over, their test included. */
  readonly epochs: number;
  /** Since the last line of metrics, and since the epoch began. */
  readonly window: Tally;
  readonly epoch: Tally;
  readonly best: { readonly epoch: number; readonly accuracy: number } | null;
  /** The lowest mean loss of an epoch. */
  readonly lowestLoss: number | null;
  readonly seconds: number;
}

export interface RunState {
  readonly state: TrainingState;
  readonly position: Position;
}

/** What a process leaves that was killed as it began a run. */
const leftovers: readonly string[] = [draftOf(runFiles.config), runFiles.holder];

/** @throws InputError if something is where a run is to begin, but for what one left that was killed as it began */
export function checkFree(folder: string): void {
  const present = statSync(folder, { throwIfNoEntry: false });
  if (present && !present.isDirectory()) throw new InputError(`${folder}: is no folder; --out names another`);
  const entries = present ? readdirSync(folder).filter((name) => !leftovers.includes(name)) : [];
  if (entries.length === 0) return;
  const goOn = entries.includes(runFiles.config) ? `: \`senet train ${folder}\` goes on with the run in it` : '';
  throw new InputError(`${folder}: is not empty${goOn}; --out names another`);
}

/** A configuration, with some of its keys as flags say. @throws InputError naming the file, and the key if it is the file's fault. */
export async function readConfigFile(file: string, flags: Readonly<Record<string, unknown>> = {}): Promise<TrainingConfig> {
  const value = await readJson(file);
  const changed = typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, ...flags } : value;
  return naming(file, () => readConfig(changed));
}

const positionKey = 'senet.training';

export function writeCheckpoint(folder: string, { state, position }: RunState): void {
  const metadata = { [positionKey]: JSON.stringify({ ...position, steps: state.steps }) };
  writeNow(join(folder, runFiles.checkpoint), saveSafetensors(tensorsOf(state), { metadata }));
}

/** The last checkpoint of a run; undefined if it ended before the first. @throws WeightsError if the file is no checkpoint of a run. */
export async function readCheckpoint(folder: string): Promise<RunState | undefined> {
  const path = join(folder, runFiles.checkpoint);
  if (!existsSync(path)) return undefined;
  const file = await openSafetensors(bytesSource(readFileSync(path)));
  const written = file.metadata[positionKey];
  if (written === undefined) throw new WeightsError(`${path}: is not the checkpoint of a run`);
  const tensors = new Map<string, Tensor>();
  for (const [name, stored] of file.tensors) tensors.set(name, await stored.read());
  const { steps, ...position } = JSON.parse(written) as Position & { readonly steps: number };
  return { state: stateOf(tensors, steps), position };
}

/**
 * Adds what the run goes on with from a step.
 *
 * @param data names its images
 * @throws InputError if they are not those that it began with: the order in which it saw them would be lost
 */
export function noteVersions(folder: string, step: number, data: string): void {
  const file = join(folder, runFiles.versions);
  const before = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as readonly { readonly data?: string }[]) : [];
  if (step > 0 && before.some((entry) => entry.data !== undefined && entry.data !== data))
    throw new InputError(
      `${folder}: the images are not those that the run began with: their number, their classes or their order have changed`,
    );
  const entry = { step, began: new Date().toISOString(), senet: version, data, ...hostFacts() };
  writeNow(file, `${JSON.stringify([...before, entry], null, 2)}\n`);
}

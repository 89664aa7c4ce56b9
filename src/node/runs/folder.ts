import { readdirSync, statSync } from 'node:fs';
import { InputError } from '../../errors.js';
import { readConfig, type TrainingConfig } from '../../train/config.js';
import { readJsonAs } from '../json.js';
import { draftOf } from '../writeNow.js';

/** The files of a run's folder, each there whole or not at all. */
export const runFiles = {
  config: 'config.json',
  /** Program and machine: one entry for the start of the run and one for each time that it was resumed. */
  versions: 'versions.json',
  metrics: 'metrics.jsonl',
  /** All that the run needs to go on. */
  checkpoint: 'checkpoint.safetensors',
  /** The network after the epoch with the least errors on the test set. */
  best: 'best.safetensors',
  /** The network at the end. */
  last: 'last.safetensors',
  /** The two as integers, of a run that trains for them. */
  bestQuantised: 'best-int8.safetensors',
  lastQuantised: 'last-int8.safetensors',
  report: 'report.html',
  /** The process that trains in the folder, while it does. */
  holder: 'running.json',
} as const;

/** What a process leaves that was killed as it began a run. */
const isLeftover = (name: string): boolean => name === draftOf(runFiles.config) || name.startsWith(runFiles.holder);

/** @throws InputError if something is where a run is to begin, but for what one left that was killed as it began */
export function checkFree(folder: string): void {
  const present = statSync(folder, { throwIfNoEntry: false });
  if (present && !present.isDirectory()) throw new InputError(`${folder}: is no folder; --out names another`);
  const entries = present ? readdirSync(folder).filter((name) => !isLeftover(name)) : [];
  if (entries.length === 0) return;
  const goOn = entries.includes(runFiles.config) ? `: \`senet train ${folder}\` resumes the run in it` : '';
  throw new InputError(`${folder}: is not empty${goOn}; --out names another`);
}

/** A configuration, with some of its keys as flags say. @throws InputError naming the file, and the key if it is the file's fault. */
export async function readConfigFile(file: string, flags: Readonly<Record<string, unknown>> = {}): Promise<TrainingConfig> {
  return await readJsonAs(file, {
    what: 'a configuration',
    read: (value) => readConfig(typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value, ...flags } : value),
  });
}

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../src/errors.js';
import { note } from '../src/node/output.js';
import { root } from '../src/node/package.js';
import { readConfigFile, runFiles } from '../src/node/runs/folder.js';
import { openMetrics } from '../src/node/runs/metrics.js';
import { DivergenceError } from '../src/node/runs/run.js';
import { readConfig, type TrainingConfig } from '../src/train/config.js';
import type { EpochLine } from '../src/train/metrics.js';

/** Where runs of `senet train` are made. */
export interface Place {
  /** The images, in train/ and test/. */
  readonly data: string;
  /** A folder of a run's name each. */
  readonly runs: string;
  /** More flags of `senet train`. */
  readonly flags: readonly string[];
}

/** The last epoch of a run, which is begun, resumed, or found finished. @throws InputError if the folder holds a run of another configuration */
export async function trained(name: string, config: object, { data, runs, flags }: Place): Promise<EpochLine> {
  const folder = join(runs, name);
  const file = join(folder, runFiles.config);
  if (!existsSync(file)) {
    await mkdir(runs, { recursive: true });
    await writeFile(`${folder}.json`, JSON.stringify(config));
    await senetTrain(`${folder}.json`, '--out', folder, '--data', data, ...flags);
  } else {
    if (likeness(await readConfigFile(file)) !== likeness(readConfig(config)))
      throw new InputError(`${folder}: holds a run of another configuration; --runs names another folder`);
    if (existsSync(join(folder, runFiles.last))) note(`${folder}: finished`);
    else await senetTrain(folder, '--data', data, ...flags);
  }
  using metrics = openMetrics(join(folder, runFiles.metrics), { steps: Infinity, epochs: Infinity });
  return metrics.lines.findLast((line): line is EpochLine => line.kind === 'epoch') as EpochLine;
}

/** A configuration without what may differ from machine to machine. */
const likeness = ({ data, kernels, threads, ...same }: TrainingConfig): string => JSON.stringify(same);

/** In a process of its own, as a user has it. @throws DivergenceError, or InputError, if it does not end well; it has said why */
function senetTrain(...args: readonly string[]): Promise<void> {
  note(`senet train ${args.join(' ')}`);
  const child = spawn(process.execPath, [join(root, 'dist/node/cli.js'), 'train', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
  const end = (): void => void child.kill('SIGTERM'); // it writes a checkpoint first
  process.once('SIGTERM', end);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      process.off('SIGTERM', end);
      if (code === 0) return resolve();
      const Failure = code === 1 ? DivergenceError : InputError;
      reject(new Failure(`senet train ${args[0]} ended with exit code ${code}; the same command goes on from there`));
    });
  });
}

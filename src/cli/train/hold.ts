import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import type { TrainingConfig } from '../../train/config.js';
import { writeNow } from '../writeNow.js';
import { checkFree, runFiles } from './folder.js';

/** Who trains in a folder. */
interface Holder {
  readonly pid: number;
  readonly host: string;
}

/**
 * Keeps a run's folder for this process, so that no two write the same checkpoints. What a killed process leaves behind holds nothing, since there is no
 * such process any more; nor does what came with a copy from another machine.
 *
 * @throws InputError naming the process that trains in the folder
 */
export function holdRun(folder: string): Disposable {
  const file = join(folder, runFiles.holder);
  const me: Holder = { pid: process.pid, host: hostname() };
  if (!written(file, me)) {
    const holder = readHolder(file);
    if (holder !== undefined && isAlive(holder))
      throw new InputError(
        `${folder}: process ${holder.pid} trains in it. If that is something else, ${file} was left by one that is gone: delete it`,
      );
    rmSync(file, { force: true });
    if (!written(file, me)) throw new InputError(`${folder}: another process has just begun to train in it`);
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

/** Makes a run's folder and keeps it. @throws InputError if it cannot be made, or is not empty */
export function beginRun(folder: string, config: TrainingConfig): Disposable {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new InputError(`${folder}: cannot be made (${(cause as Error).message})`, { cause });
  }
  const held = holdRun(folder);
  try {
    checkFree(folder); // again, since another process may have begun here meanwhile
    writeNow(join(folder, runFiles.config), `${JSON.stringify(config, null, 2)}\n`);
    return held;
  } catch (error) {
    held[Symbol.dispose]();
    throw error;
  }
}

/** Whether it was there for nobody else. */
function written(file: string, holder: Holder): boolean {
  try {
    writeFileSync(file, JSON.stringify(holder), { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    rmSync(file, { force: true }); // a full disk keeps the name of what it has no room for
    throw new InputError(`${file}: cannot be written (${(error as Error).message})`, { cause: error });
  }
}

/** Undefined if its writer was killed as it wrote. */
function readHolder(file: string): Holder | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Holder;
  } catch {
    return undefined;
  }
}

function isAlive({ pid, host }: Holder): boolean {
  if (host !== hostname() || pid === process.pid) return false;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'; // somebody else's
  }
}

import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { parseJson } from '../../io/jsonText.js';
import { anyText, objectWith, wholeFrom } from '../../io/schema.js';
import type { TrainingConfig } from '../../train/config.js';
import { unreadable } from '../files.js';
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
    let found = readHolder(file);
    if (found !== undefined && found.holder === undefined) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, halfWrittenMs);
      found = readHolder(file);
    }
    const { holder, text = '' } = found ?? {};
    if (holder !== undefined && isAlive(holder))
      throw new InputError(
        `${folder}: process ${holder.pid} trains in it. If that is something else, ${file} was left by one that is gone: delete it`,
      );
    if ((found !== undefined && !removed(file, text)) || !written(file, me))
      throw new InputError(`${folder}: another process has just begun to train in it`);
  }
  return { [Symbol.dispose]: () => rmSync(file, { force: true }) };
}

/** After so long, half a file is not being written any more. */
const halfWrittenMs = 1000;

/** Removes what a process left that is gone; false if another has put its own there meanwhile. */
function removed(file: string, left: string): boolean {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside); // of several that try, one has what was left
    if (readFileSync(aside, 'utf8') === left) {
      rmSync(aside);
      return true;
    }
    renameSync(aside, file);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'ENOENT')
      throw new InputError(`${file}: cannot be removed (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
  return false;
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

const holders = objectWith({ pid: wholeFrom(1), host: anyText });

/** What is in the file, if it is there; no holder if it is half written or damaged. */
function readHolder(file: string): { readonly text: string; readonly holder: Holder | undefined } | undefined {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw unreadable(file, cause);
  }
  try {
    return { text, holder: holders.read(parseJson(text), '') };
  } catch {
    return { text, holder: undefined };
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

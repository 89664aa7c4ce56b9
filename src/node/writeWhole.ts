import { rmSync } from 'node:fs';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { InputError, WeightsError } from '../errors.js';
import { statOf } from './files.js';

/**
 * Writes a file whole or not at all: beside its place first, then renamed. Its folder is made where there is none. An interrupt takes away what is written so far, and so does an error.
 *
 * @throws InputError, naming the file, if it cannot be written, or something other than a file is in its place; a WeightsError of `content` as it is.
 */
export async function writeWhole(file: string, content: string | Uint8Array | AsyncIterable<Uint8Array>): Promise<void> {
  const draft = `${file}.${process.pid}.part`;
  const interrupted = (signal: NodeJS.Signals): void => {
    rmSync(draft, { force: true });
    process.kill(process.pid, signal); // this listener is off by now, so the signal ends the process as usual
  };
  for (const signal of signals) process.once(signal, interrupted);
  try {
    // renaming would put a file in the place of a device as readily as in that of another file
    if (await isTaken(file)) throw new InputError(taken);
    await mkdir(dirname(file), { recursive: true });
    await rm(draft, { force: true }); // of a process that had this one's number
    await writeFile(draft, content, { flag: 'wx' });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true }).catch(() => undefined);
    if (cause instanceof WeightsError) throw cause; // what is read on the way is damaged
    throw unwritable(file, cause);
  } finally {
    for (const signal of signals) process.off(signal, interrupted);
  }
}

/** For work that takes its time before it writes. @throws InputError, naming the file, if something other than a file is in its place */
export async function checkPlace(file: string): Promise<void> {
  if (await isTaken(file)) throw unwritable(file, new InputError(taken));
}

const taken = 'something other than a file is in its place';

async function isTaken(file: string): Promise<boolean> {
  const present = await statOf(file);
  return present !== undefined && !present.isFile();
}

const unwritable = (file: string, cause: unknown): InputError =>
  new InputError(`${file}: cannot be written (${cause instanceof Error ? cause.message : cause})`, { cause });

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

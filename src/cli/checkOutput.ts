import { resolve } from 'node:path';
import { InputError } from '../errors.js';
import { statOf } from '../node/files.js';

/**
 * Before any work: that what a flag says to write takes the place of nothing that is read.
 *
 * @param flag as it is called: `--report`
 * @throws InputError naming flag and file
 */
export async function checkOutput(flag: string, file: string | undefined, read: readonly (string | undefined)[]): Promise<void> {
  if (file === undefined) return;
  const files = read.filter((input) => input !== undefined);
  if (files.some((input) => resolve(input) === resolve(file)) || (await isSame(file, files)))
    throw new InputError(`${flag} ${file}: is a file that is read: name another`);
}

/** Whether a file that is there is one of them by another name. */
async function isSame(file: string, others: readonly string[]): Promise<boolean> {
  const own = await statOf(file);
  if (own === undefined) return false;
  for (const other of others) {
    const found = await statOf(other);
    if (found?.ino === own.ino && found.dev === own.dev) return true;
  }
  return false;
}

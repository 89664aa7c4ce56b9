import { rename, rm, stat, writeFile } from 'node:fs/promises';
import { InputError } from '../errors.js';

/**
 * Writes a file whole or not at all: beside its place first, then renamed.
 *
 * @throws InputError, naming the file, if it cannot be written, or something other than a file is in its place.
 */
export async function writeWhole(file: string, content: string | Uint8Array): Promise<void> {
  const draft = `${file}.${process.pid}.part`;
  try {
    const present = await stat(file).catch(() => undefined);
    // renaming would put a file in the place of a device as readily as in that of another file
    if (present && !present.isFile()) throw new InputError('something other than a file is in its place');
    await writeFile(draft, content, { flag: 'wx' });
    await rename(draft, file);
  } catch (cause) {
    await rm(draft, { force: true });
    throw new InputError(`${file}: cannot be written (${cause instanceof Error ? cause.message : cause})`, { cause });
  }
}

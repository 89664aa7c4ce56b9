import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { InputError } from '../errors.js';

/** What is written before it takes its file's place. */
export const draftOf = (file: string): string => `${file}.part`;

/**
 * Writes a file whole or not at all, before it returns: nothing else of this process, no signal's listener either, runs meanwhile. A process that is
 * killed leaves what was in the file's place, and perhaps a draft, which the next one overwrites;
 * an error leaves no draft.
 *
 * @throws InputError naming the file if it cannot be written.
 */
export function writeNow(file: string, content: string | Uint8Array): void {
  const draft = draftOf(file);
  try {
    const handle = openSync(draft, 'w');
    try {
      writeFileSync(handle, content);
      fsyncSync(handle); // else a power cut may leave the new name with nothing in it
    } finally {
      closeSync(handle);
    }
    renameSync(draft, file);
  } catch (cause) {
    rmSync(draft, { force: true }); // a full disk has no room for it
    throw new InputError(`${file}: cannot be written (${(cause as Error).message})`, { cause });
  }
}

import type { Stats } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { InputError } from '../errors.js';

/** What is at a path; undefined where nothing is, or nothing that may be seen. */
export const statOf = (path: string): Promise<Stats | undefined> => stat(path).catch(() => undefined);

/** @throws InputError naming the file if it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** @throws InputError naming the file if it cannot be read. */
export const readText = async (path: string): Promise<string> => new TextDecoder().decode(await readBytes(path));

/** What the operating system says of a file that it does not let be read. */
export function unreadable(path: string, cause: unknown): InputError {
  const { code = '' } = cause as NodeJS.ErrnoException;
  const why = insteadOf(path) ?? meanings[code];
  return new InputError(`${path}: cannot be read (${code})${why === undefined ? '' : `: ${why}`}`, { cause });
}

/** Names that other programs give a meaning. */
function insteadOf(path: string): string | undefined {
  if (/^https?:\/\//.test(path)) return 'an address is not fetched, save what is there as a file';
  return path === '-' ? 'standard input is not read, name a file or /dev/stdin' : undefined;
}

const meanings: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file',
  ENOTDIR: 'there is no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission is denied',
};

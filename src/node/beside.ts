import { realpath, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { InputError } from '../errors.js';

/**
 * Where a file lies that another one names by a relative path: in its folder, or in the one that a link to it leads to (a cache of downloads is a folder of links into
 * another, as Hugging Face's is). Undefined where there is none.
 *
 * @throws InputError for a link that leaves both, and for what is no plain file: what is read from is no leave to read elsewhere
 */
export async function fileBeside(path: string, name: string): Promise<string | undefined> {
  const beside = join(dirname(path), name);
  const found = await realpath(beside).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw new InputError(`${beside}: cannot be read (${error.code})`, { cause: error });
  });
  if (found === undefined) return undefined;
  const folders = [await realpath(dirname(path)), dirname(await realpath(path))];
  if (!folders.some((folder) => found.startsWith(folder.endsWith(sep) ? folder : folder + sep)))
    throw new InputError(`${beside}: expected a file in the folder of ${path}, found a link that leaves it`);
  if (!(await stat(found)).isFile()) throw new InputError(`${beside}: expected a plain file`);
  return found;
}

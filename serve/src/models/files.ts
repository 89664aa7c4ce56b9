import { type FileHandle, open, readFile, stat } from 'node:fs/promises';
import { InputError, parseLabels } from 'senet';

/** @throws InputError for a file that cannot be opened, and what is no file: a pipe would be waited for */
export async function openFile(path: string): Promise<FileHandle> {
  return await readable(path, () => open(path));
}

/** Names of classes, in the forms that `parseLabels` reads. @throws as `openFile`; InputError naming a file that has no labels */
export async function readLabels(path: string): Promise<readonly string[]> {
  const bytes = await readable(path, () => readFile(path));
  try {
    return parseLabels(bytes).map(({ name }) => name);
  } catch (cause) {
    throw new InputError(`${path}: ${(cause as Error).message}`, { cause });
  }
}

async function readable<T>(path: string, read: () => Promise<T>): Promise<T> {
  try {
    if (!(await stat(path)).isFile()) throw new Error('it is no file');
    return await read();
  } catch (cause) {
    throw new InputError(`${path} cannot be read: ${(cause as Error).message}`, { cause });
  }
}

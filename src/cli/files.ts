import { readFile } from 'node:fs/promises';
import { InputError } from '../errors.js';

/** @throws InputError naming the file if it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return await readFile(path);
  } catch (cause) {
    throw new InputError(`${path}: cannot be read (${(cause as NodeJS.ErrnoException).code})`, { cause });
  }
}

/** @throws InputError naming the file if it cannot be read or is not JSON. */
export async function readJson(path: string): Promise<unknown> {
  const text = new TextDecoder().decode(await readBytes(path));
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new InputError(`${path}: is not JSON (${(cause as Error).message})`, { cause });
  }
}

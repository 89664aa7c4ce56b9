import { extname, resolve } from 'node:path';
import { InputError } from '../errors.js';
import { statOf } from '../node/files.js';

/** Endings of files of some format: one that is another's would mislead whoever opens the file. */
const telling = new Set(
  '.avif .bin .csv .gguf .gif .h5 .html .jpeg .jpg .json .keras .npy .npz .onnx .pdf .pkl .png .pt .pth .safetensors .svg .txt .webp .zip'.split(
    ' ',
  ),
);

/**
 * Before any work: that what a flag says to write takes the place of nothing that is read, and is not called as if it were of another format.
 *
 * @param flag as it is called: `--report`
 * @param endings of the formats that it is written in: `.html`
 * @throws InputError naming flag and file
 */
export async function checkOutput(
  flag: string,
  file: string | undefined,
  endings: readonly string[],
  read: readonly (string | undefined)[],
): Promise<void> {
  if (file === undefined) return;
  const ending = extname(file).toLowerCase();
  if (telling.has(ending) && !endings.includes(ending))
    throw new InputError(`${flag} ${file}: is written as ${endings.join(' or ')}: name it so`);
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

import { extname, resolve } from 'node:path';
import { InputError } from '../errors.js';
import { statOf } from '../node/files.js';
import { checkPlace } from '../node/writeWhole.js';

/** File name endings that name a format. */
const telling = new Set(
  '.avif .bin .csv .gguf .gif .h5 .html .jpeg .jpg .json .keras .npy .npz .onnx .pdf .pkl .png .pt .pth .safetensors .svg .txt .webp .zip'.split(
    ' ',
  ),
);

/**
 * Checks an output file before any work is done. It must not be one of the input files, nor in the place of what is no file, and its name must not end like another
 * format's.
 *
 * @param flag the flag that names it: `--report`
 * @param endings those of the formats it may be written in: `.html`
 * @param read the input files
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
  await checkPlace(file);
}

/** Whether the file exists and is one of the others under a second name, as by a link. */
async function isSame(file: string, others: readonly string[]): Promise<boolean> {
  const own = await statOf(file);
  if (own === undefined) return false;
  for (const other of others) {
    const found = await statOf(other);
    if (found?.ino === own.ino && found.dev === own.dev) return true;
  }
  return false;
}

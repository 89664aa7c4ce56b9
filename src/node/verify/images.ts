import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { InputError } from '../../errors.js';
import { decodeImage } from '../../io/image.js';
import type { Pixels } from '../../io/resize.js';
import { readBytes } from '../files.js';

/**
 * A photograph that a file of vectors names by its path from some folder above: the nearest folder that has it counts. Its pixels are taken as they lie.
 *
 * @throws InputError where no folder has it, or it cannot be read
 */
export async function pixelsBeside(file: string, path: string): Promise<Pixels> {
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const found = join(folder, path);
    if (existsSync(found)) return await decodeImage(await readBytes(found), { file: found });
    if (dirname(folder) === folder) throw new InputError(`${path}: no folder above ${file} has this photograph`);
  }
}

import { dirname, isAbsolute, join, resolve } from 'node:path';
import { InputError } from '../../errors.js';
import type { Pixels } from '../../io/resize.js';
import { statOf } from '../files.js';
import { readImage } from '../images/image.js';

/**
 * A photograph by its path from one of the folders that the file lies in, the nearest first: `shared/data/images/chelsea.png`. Its pixels are taken as they lie.
 *
 * @throws InputError for a path that leads elsewhere, where no folder has it, or if it cannot be read
 */
export async function imageAbove(file: string, path: string): Promise<Pixels> {
  if (isAbsolute(path) || path.split(/[\\/]/).includes('..'))
    throw new InputError(`${file}: image must be a path below a folder of it, not ${path}`);
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const image = join(folder, path);
    if ((await statOf(image))?.isFile()) return await readImage(image);
    if (folder === dirname(folder))
      throw new InputError(`${file}: expected the image ${path} in a folder that the file lies in, found none`);
  }
}

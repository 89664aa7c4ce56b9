import { dirname, isAbsolute, join, resolve } from 'node:path';
import { InputError } from '../errors.js';
import type { Pixels } from '../io/resize.js';
import { type TtaCheck, verifyTta } from '../verify/tta.js';
import { ttaFile } from '../verify/ttaFile.js';
import type { TtaEngine } from '../verify/ttaNets.js';
import { statOf } from './files.js';
import { readImage } from './images/image.js';
import { readJsonAs } from './json.js';

/**
 * Holds a file of vectors of test-time augmentation to what it says. Its images are found from the folders above it.
 *
 * @throws InputError naming the file: if it or an image cannot be read, or is not what the format has
 */
export async function verifyTtaFile(file: string, engine: TtaEngine): Promise<readonly TtaCheck[]> {
  return await verifyTta(await readJsonAs(file, ttaFile), { ...engine, pixels: (path) => imageAbove(file, path) });
}

/** The image at a path from one of the folders that the file lies in, the nearest first: `shared/data/images/chelsea.png`. */
async function imageAbove(file: string, path: string): Promise<Pixels> {
  if (isAbsolute(path) || path.split(/[\\/]/).includes('..'))
    throw new InputError(`${file}: image must be a path below a folder of it, not ${path}`);
  for (let folder = dirname(resolve(file)); ; folder = dirname(folder)) {
    const image = join(folder, path);
    if ((await statOf(image))?.isFile()) return await readImage(image);
    if (folder === dirname(folder))
      throw new InputError(`${file}: expected the image ${path} in a folder that the file lies in, found none`);
  }
}

import { isAbsolute } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { byName } from '../../data/byName.js';
import { counter, passedOverText } from '../../data/passedOver.js';
import { InputError } from '../../errors.js';
import { statOf } from '../files.js';
import { note } from '../output.js';
import { imageExtensions, imagesBelow } from './imageTree.js';

/**
 * What the arguments of a command mean: a file stands for itself, a folder for the images below it, a pattern (`photos/*.jpg`, for shells
 * that do not expand it) for the files that match. A file that is missing stays in the list: reading it gives the error. What is
 * passed over in a folder is printed on stderr.
 *
 * @throws InputError for a folder or a pattern that yields nothing.
 */
export async function expandImages(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) for (const file of await expand(path)) files.push(file);
  return [...new Set(files)];
}

async function expand(path: string): Promise<readonly string[]> {
  const present = await statOf(path);
  if (present?.isDirectory()) {
    const passed = counter();
    const { files } = await imagesBelow(path, passed);
    const others = passedOverText(passed.passedOver());
    if (files.length === 0)
      throw new InputError(
        `${path}: no file below it ends in ${imageExtensions.join(', ')}${others === undefined ? '' : `; found ${others}`}`,
      );
    if (others !== undefined) note(`${path}: passed over ${others}`);
    return files.map((file) => `${path.replace(/(?<![/\\])[/\\]+$/, '')}/${file}`);
  }
  if (present || !isDynamicPattern(path)) return [path];
  const found = await glob(path, { absolute: isAbsolute(path), expandDirectories: false });
  if (found.length === 0) throw new InputError(`${path}: no file matches`);
  return found.sort(byName);
}

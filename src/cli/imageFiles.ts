import { isAbsolute } from 'node:path';
import { glob, isDynamicPattern } from 'tinyglobby';
import { InputError } from '../errors.js';
import { statOf } from './files.js';

const imageExtensions = ['jpg', 'jpeg', 'png', 'webp'] as const;

/** The images below a folder, relative to it, in the order of their names. */
export async function imagesBelow(folder: string): Promise<readonly string[]> {
  const files = await glob(`**/*.{${imageExtensions.join(',')}}`, { cwd: folder, caseSensitiveMatch: false, expandDirectories: false });
  return files.sort(byName);
}

/** By code unit, as Python sorts: the same on every machine, whatever its language. */
export const byName = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * What the arguments of a command mean: a file stands for itself, a folder for the images below it, a pattern (`photos/*.jpg`, for shells
 * that do not expand it) for the files that match. A file that is not there stays: whoever reads it says so.
 *
 * @throws InputError for a folder or a pattern that yields nothing.
 */
export async function expandImages(paths: readonly string[]): Promise<readonly string[]> {
  const files: string[] = [];
  for (const path of paths) files.push(...(await expand(path)));
  return [...new Set(files)];
}

async function expand(path: string): Promise<readonly string[]> {
  const present = await statOf(path);
  if (present?.isDirectory()) {
    const found = await imagesBelow(path);
    if (found.length === 0) throw new InputError(`${path}: no file below it ends in ${imageExtensions.join(', ')}`);
    return found.map((file) => `${path.replace(/[/\\]+$/, '')}/${file}`);
  }
  if (present || !isDynamicPattern(path)) return [path];
  const found = await glob(path, { absolute: isAbsolute(path), expandDirectories: false });
  if (found.length === 0) throw new InputError(`${path}: no file matches`);
  return found.sort(byName);
}

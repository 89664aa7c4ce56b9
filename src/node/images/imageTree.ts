import type { Dirent } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { byName } from '../../data/byName.js';
import { type Counter, isHidden } from '../../data/passedOver.js';
import { InputError } from '../../errors.js';
import { statOf, unreadable } from '../files.js';

export const imageExtensions = ['jpg', 'jpeg', 'png', 'webp'] as const;

export const isImageName = (name: string): boolean => imageExtensions.some((extension) => name.toLowerCase().endsWith(`.${extension}`));

/** The images below a folder. */
export interface ImageTree {
  /** Relative to it, in the order in which torchvision's ImageFolder has them: by their folder, then by their name. */
  readonly files: readonly string[];
  /** Those of them that are links to nothing. */
  readonly dangling: readonly string[];
}

/** A folder is entered so many times by way of links; torchvision never ends where links to folders lead to each other. */
const mostVisits = 16;

interface Folder {
  /** Relative to where the walk began; empty there. */
  readonly path: string;
  /** Where it really is, and where those that led to it are. */
  readonly real: string;
  readonly above: readonly string[];
}

/**
 * The images below a folder, at any depth. Links to files and folders are followed. Hidden files and folders are passed over.
 *
 * @param passed counts what is not taken, its paths beginning with `within`
 * @throws InputError naming a folder that cannot be read, or that links lead to again and again
 */
export async function imagesBelow(folder: string, passed: Counter, within = ''): Promise<ImageTree> {
  const found: { readonly path: string; readonly names: readonly string[] }[] = [];
  const dangling: string[] = [];
  const visits = new Map<string, number>();
  const left: Folder[] = [{ path: '', real: await realOf(folder), above: [] }];
  for (let at = left.pop(); at !== undefined; at = left.pop()) {
    const { path, real, above } = at;
    const times = (visits.get(real) ?? 0) + 1;
    if (times > mostVisits) throw new InputError(`${join(folder, path)}: links lead to it more than ${mostVisits} times`);
    visits.set(real, times);
    const names: string[] = [];
    for (const entry of await entriesOf(join(folder, path))) {
      const { name } = entry;
      const below = joined(path, name);
      const said = joined(within, below);
      const kind = await kindOf(entry, join(folder, below));
      if (kind === 'folder') {
        const inside = entry.isSymbolicLink() ? await realOf(join(folder, below)) : join(real, name);
        const chain = [...above, real];
        if (isHidden(name)) passed.other(said, 'hidden');
        else if (chain.some((one) => isWithin(one, inside))) passed.other(said, 'a link that leads back');
        else left.push({ path: below, real: inside, above: chain });
      } else if (isHidden(name) || (kind !== 'other' && !isImageName(name))) passed.file(name);
      else if (kind === 'other') passed.other(said, 'neither a file nor a folder');
      else {
        names.push(name);
        if (kind === 'nothing') dangling.push(below);
      }
    }
    found.push({ path, names: names.sort(byName) });
  }
  found.sort((a, b) => byName(a.path, b.path));
  return { files: found.flatMap(({ path, names }) => names.map((name) => joined(path, name))), dangling };
}

/** What is at a place, links followed; `nothing` for a link to nothing. */
export async function kindOf(entry: Dirent, path: string): Promise<'file' | 'folder' | 'other' | 'nothing'> {
  const is = entry.isSymbolicLink() ? await statOf(path) : entry;
  if (is === undefined) return 'nothing';
  return is.isDirectory() ? 'folder' : is.isFile() ? 'file' : 'other';
}

/** What is in a folder. @throws InputError naming it if it cannot be read */
export async function entriesOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (cause) {
    throw unreadable(folder, cause);
  }
}

/** @throws InputError naming it if it is gone */
export async function realOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** Whether a folder is `outer` or below it: from there, one comes back to it. */
export const isWithin = (folder: string, outer: string): boolean =>
  folder === outer || folder.startsWith(outer.endsWith(sep) ? outer : outer + sep);

const joined = (path: string, name: string): string => (path === '' ? name : `${path}/${name}`);

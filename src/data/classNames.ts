import { InputError } from '../errors.js';
import type { Label } from '../io/labels.js';
import { byName } from './byName.js';

/** What a network's outputs are called. */
export interface Classes {
  readonly count: number;
  readonly labels: readonly Label[] | undefined;
}

/** What says which class an image is of: its folder's name, its folder's number, its folder's place in the order of names, or a list. */
export type ClassesBy = 'name' | 'index' | 'order' | 'list';

export interface Understood {
  readonly by: ClassesBy;
  /** Class folders in their order; two may be of one class, one by its synset and one by its name. */
  readonly folders: readonly { readonly label: number; readonly name: string }[];
}

/**
 * Which class each folder is.
 *
 * @param folder what messages call what holds them
 * @param classes left out for a network that is yet to be made: it will have these
 * @throws InputError for folders that are not the network's classes
 */
export function understand(folder: string, names: readonly string[], classes: Classes | undefined): Understood {
  const numbered = areIndices(names);
  const inOrder = numbered ? names.toSorted((a, b) => Number(a) - Number(b)) : names.toSorted(byName);
  const ordered = { by: numbered ? 'index' : 'order', folders: inOrder.map((name, label) => ({ label, name })) } as const;
  if (!classes) return ordered;
  const known = indexByName(classes.labels);
  const found = inOrder.flatMap((name) => {
    const label = known.get(name);
    return label === undefined ? [] : [{ label, name }];
  });
  if (found.length === names.length) return { by: 'name', folders: found };
  const stranger = inOrder.find((name) => !known.has(name)) as string;
  if (names.length !== classes.count)
    throw new InputError(
      `${folder}: its ${names.length} folders are neither the network's ${classes.count} classes nor named as some of them are: ${stranger} is not one`,
    );
  const moved = found.find(({ label, name }) => inOrder[label] !== name);
  if (moved !== undefined)
    throw new InputError(
      `${folder}: ${stranger} is none of the network's classes, and by the order of their names ${moved.name} would not be its class ${moved.label}`,
    );
  return ordered;
}

/** Whether they are 0 to n − 1, with zeros in front or without. */
const areIndices = (names: readonly string[]): boolean =>
  names.every((name) => /^\d{1,9}$/.test(name) && Number(name) < names.length) && new Set(names.map(Number)).size === names.length;

/** Synsets and names; of `tench, Tinca tinca` the whole and the first. A name that several classes have is nobody's. */
export function indexByName(labels: readonly Label[] = []): ReadonlyMap<string, number> {
  const indices = new Map<string, number>();
  const twice = new Set<string>();
  labels.forEach(({ name, synset }, index) => {
    for (const alias of new Set([name, name.split(',')[0] as string, ...(synset === undefined ? [] : [synset])])) {
      if (indices.has(alias)) twice.add(alias);
      indices.set(alias, index);
    }
  });
  for (const name of twice) indices.delete(name);
  return indices;
}

import { readdir } from 'node:fs/promises';
import { dirname, isAbsolute, join } from 'node:path';
import { InputError } from '../errors.js';
import type { Label } from '../io/labels.js';
import { readText, statOf } from './files.js';
import { byName, imagesBelow } from './imageFiles.js';

/** An image and what is on it. */
export interface Example {
  /** As the folder or the list has it. */
  readonly name: string;
  /** Where it is read. */
  readonly path: string;
  /** The class's index among the network's outputs. */
  readonly label: number;
}

export interface Dataset {
  readonly examples: readonly Example[];
  /** What folders call classes, by index; a list calls them nothing. */
  readonly names: ReadonlyMap<number, string>;
}

/** What a network's outputs are called. */
export interface Classes {
  readonly count: number;
  readonly labels: readonly Label[] | undefined;
}

/**
 * The images of a folder of class folders, as torchvision's ImageFolder has them, or of a list file, `path label` a line.
 *
 * Class folders are told by their names, if each is a synset or a label of the network; else they are as many as its classes, and their
 * sorted names are the indices. In a list, paths are relative to it, and a label is an index, a synset or a name without blanks.
 *
 * @param classes left out for a network that is yet to be made: it will have the folder's
 * @throws InputError for classes that the network does not have, for a list without a network, and where there is no image.
 */
export async function readDataset(path: string, classes?: Classes): Promise<Dataset> {
  const present = await statOf(path);
  const dataset = present?.isDirectory()
    ? await fromFolder(path, classes)
    : { examples: fromList(path, await readText(path), classes), names: new Map<number, string>() };
  if (dataset.examples.length === 0) throw new InputError(`${path}: holds no images`);
  return dataset;
}

async function fromFolder(folder: string, classes: Classes | undefined): Promise<Dataset> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory() || entry.isSymbolicLink())
    .map(({ name }) => name)
    .sort(byName);
  const labels = classes ? indicesOf(folder, names, classes) : [...names.keys()];
  const examples: Example[] = [];
  for (const [i, name] of names.entries())
    for (const file of await imagesBelow(join(folder, name)))
      examples.push({ name: `${name}/${file}`, path: join(folder, name, file), label: labels[i] as number });
  return { examples, names: new Map(names.map((name, i) => [labels[i] as number, name])) };
}

function indicesOf(folder: string, names: readonly string[], classes: Classes): readonly number[] {
  const known = indexByName(classes.labels);
  const found = names.map((name) => known.get(name));
  if (found.every((index) => index !== undefined)) return found;
  if (names.length === classes.count) return names.map((_, index) => index);
  const stranger = names.find((name) => !known.has(name)) as string;
  throw new InputError(
    `${folder}: its ${names.length} folders are neither the network's ${classes.count} classes nor named as some of them are: ${stranger} is not one`,
  );
}

/** Synsets and names; of `tench, Tinca tinca` the whole and the first. A name that several classes have is nobody's. */
function indexByName(labels: readonly Label[] = []): ReadonlyMap<string, number> {
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

function fromList(file: string, text: string, classes: Classes | undefined): readonly Example[] {
  if (!classes) throw new InputError(`${file}: a list does not say what the classes are; a folder of class folders does`);
  const known = indexByName(classes.labels);
  return text.split(/\r?\n/).flatMap((line, i) => {
    if (line.trim() === '') return [];
    const [, name, given] = /^\s*(.+?)\s+(\S+)\s*$/.exec(line) ?? [];
    const wrong = (what: string): InputError => new InputError(`${file}: line ${i + 1}: ${what}`);
    if (name === undefined || given === undefined) throw wrong('expected a path and a label');
    const label = /^\d+$/.test(given) ? Number(given) : known.get(given);
    if (label === undefined || label >= classes.count) throw wrong(`${given} is none of the network's ${classes.count} classes`);
    return [{ name, path: isAbsolute(name) ? name : join(dirname(file), name), label }];
  });
}

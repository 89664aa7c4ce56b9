import { dirname, isAbsolute, join } from 'node:path';
import { type Classes, indexByName, understand } from '../../data/classNames.js';
import { type Counter, counter, isHidden, nothingPassedOver, passedOverText } from '../../data/passedOver.js';
import type { Reading } from '../../data/reading.js';
import { InputError } from '../../errors.js';
import { readText, statOf } from '../files.js';
import { note } from '../output.js';
import { entriesOf, imageExtensions, imagesBelow, isWithin, kindOf, realOf } from './imageTree.js';

/** An image and what is on it. */
export interface Example {
  /** As the folder or the list has it. */
  readonly name: string;
  /** Where it is read. */
  readonly path: string;
  /** The class's index among the network's outputs. */
  readonly label: number;
}

export interface Dataset extends Reading {
  readonly examples: readonly Example[];
  /** What folders call classes, by index and in the order of indices; a list calls them nothing. */
  readonly names: ReadonlyMap<number, string>;
  /** Paths of images that are links to nothing. */
  readonly dangling: readonly string[];
}

/**
 * The images of a folder of class folders, as torchvision's ImageFolder has them, or of a list file, `path label` a line.
 *
 * Class folders are told by their names, if each is a synset or a label of the network; else they are as many as its classes. Names that are
 * 0 to n − 1 are then indices; others count in their order. In a list, paths are relative to it, and a label is an index, a synset or a name
 * without blanks.
 *
 * @param classes left out for a network that is yet to be made: it will have the folder's
 * @throws InputError for a class without images, for classes that the network does not have, for a list without a network, and where there
 *   is no image.
 */
export async function readDataset(path: string, classes?: Classes): Promise<Dataset> {
  if ((await statOf(path))?.isDirectory()) return await fromFolder(path, classes);
  const examples = fromList(path, await readText(path), classes);
  if (examples.length === 0) throw new InputError(`${path}: holds no images`);
  return { examples, names: new Map(), dangling: [], classesBy: 'list', passedOver: nothingPassedOver };
}

/** Says on stderr what a user may not expect of how a set was read. */
export function noteReading(path: string, { classesBy, passedOver }: Reading): void {
  if (classesBy === 'index') note(`${path}: folders are numbered from 0: their names are the indices of the classes`);
  if (classesBy === 'order') note(`${path}: folders are the classes in the order of their names`);
  const others = passedOverText(passedOver);
  if (others !== undefined) note(`${path}: passed over ${others}`);
}

async function fromFolder(folder: string, classes: Classes | undefined): Promise<Dataset> {
  const passed = counter();
  const folders = await classFolders(folder, passed);
  if (folders.length === 0) throw nothingIn(`${folder}: holds no images: expected folders, a class each`, passed);
  const understood = understand(folder, folders, classes);
  const examples: Example[] = [];
  const empty: string[] = [];
  const dangling: string[] = [];
  for (const { label, name } of understood.folders) {
    const tree = await imagesBelow(join(folder, name), passed, name);
    if (tree.files.length === 0) empty.push(name);
    for (const file of tree.files) examples.push({ name: `${name}/${file}`, path: join(folder, name, file), label });
    for (const file of tree.dangling) dangling.push(join(folder, name, file));
  }
  if (empty.length > 0) {
    const which = `${empty.slice(0, 5).join(', ')}${empty.length > 5 ? ` and ${empty.length - 5} more` : ''}`;
    throw nothingIn(
      `${folder}: holds no images of the ${empty.length > 1 ? 'classes' : 'class'} ${which}: expected files that end in ${imageExtensions.join(', ')}`,
      passed,
    );
  }
  const names = new Map(understood.folders.map(({ label, name }) => [label, name]));
  return { examples, names, dangling, classesBy: understood.by, passedOver: passed.passedOver() };
}

const nothingIn = (what: string, passed: Counter): InputError =>
  new InputError(`${what}, found ${passedOverText(passed.passedOver()) ?? 'nothing'}`);

/** The folders in a folder, and links to folders. */
async function classFolders(folder: string, passed: Counter): Promise<readonly string[]> {
  const real = await realOf(folder);
  const found: string[] = [];
  for (const entry of await entriesOf(folder)) {
    const { name } = entry;
    const kind = await kindOf(entry, join(folder, name));
    if (kind === 'file') passed.file(name);
    else if (kind === 'nothing') passed.other(name, 'a link to nothing');
    else if (kind === 'other') passed.other(name, 'neither a file nor a folder');
    else if (isHidden(name)) passed.other(name, 'hidden');
    else if (entry.isSymbolicLink() && isWithin(real, await realOf(join(folder, name)))) passed.other(name, 'a link that leads back');
    else found.push(name);
  }
  return found;
}

function fromList(file: string, text: string, classes: Classes | undefined): readonly Example[] {
  if (!classes) throw new InputError(`${file}: a list does not say what the classes are; a folder of class folders does`);
  const known = indexByName(classes.labels);
  return text.split(/\r?\n/).flatMap((line, i) => {
    const words = line.trim();
    if (words === '') return [];
    const last = words.search(/\s\S*$/);
    const [name, given] = [words.slice(0, last).trimEnd(), words.slice(last + 1)];
    const wrong = (what: string): InputError => new InputError(`${file}: line ${i + 1}: ${what}`);
    if (last === -1) throw wrong('expected a path and a label');
    const label = /^\d+$/.test(given) ? Number(given) : known.get(given);
    if (label === undefined || label >= classes.count) throw wrong(`${given} is none of the network's ${classes.count} classes`);
    return [{ name, path: isAbsolute(name) ? name : join(dirname(file), name), label }];
  });
}

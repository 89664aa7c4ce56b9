import { dirname, isAbsolute, join } from 'node:path';
import { type Classes, indexByName, understand } from '../../data/classNames.js';
import { type Counter, counter, isHidden, nothingPassedOver, passedOverText } from '../../data/passedOver.js';
import type { Reading } from '../../data/reading.js';
import { InputError } from '../../errors.js';
import { unquoted } from '../../io/labels.js';
import { readText, statOf } from '../files.js';
import { note } from '../output.js';
import { entriesOf, imageExtensions, imagesBelow, isImageName, isWithin, kindOf, realOf } from './imageTree.js';

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
 * The images of a folder of class folders, as torchvision's ImageFolder has them, or of a list file: `path label` or `path,label` a line, below a header or not.
 *
 * Class folders are told by their names, if each is a synset or a label of the network; else they are as many as its classes. Names that are
 * 0 to n − 1 are then indices; others count in their order. In a list, paths are relative to it, and a label is an index, a synset or a name,
 * behind blanks one without any.
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
  if (folders.length === 0)
    throw nothingIn(
      `${folder}: holds no images: expected folders, a class each, or a list file of paths and labels in the folder's place`,
      passed,
    );
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
  const labelOf = (given: string): number | undefined => {
    const label = /^\d+$/.test(given) ? Number(given) : known.get(given);
    return label !== undefined && label < classes.count ? label : undefined;
  };
  return text.split(/\r\n?|\n/).flatMap((line, i) => {
    const words = line.trim();
    if (words === '') return [];
    const readings = [lastField, lastWord].flatMap((split) => split(words) ?? []);
    const wrong = (what: string): InputError => new InputError(`${file}: line ${i + 1}: ${what}`);
    const [likeliest] = readings;
    if (likeliest === undefined) throw wrong('expected a path and a label');
    for (const { name, given } of readings) {
      const label = labelOf(given);
      if (label !== undefined) return [{ name, path: isAbsolute(name) ? name : join(dirname(file), name), label }];
    }
    if (i === 0 && lastField(words) !== undefined && !isImageName(likeliest.name)) return []; // a table's header
    throw wrong(`${likeliest.given} is none of the network's ${classes.count} classes`);
  });
}

/** A line's path and label. */
interface Split {
  readonly name: string;
  readonly given: string;
}

/** As in a table: `a b.jpg,golden retriever`. */
function lastField(line: string): Split | undefined {
  const at = Math.max(...[',', ';', '\t'].map((separator) => line.lastIndexOf(separator)));
  return at < 0 ? undefined : { name: unquoted(line.slice(0, at).trim()), given: unquoted(line.slice(at + 1).trim()) };
}

/** Apart by blanks, of which a label has none then: `a b.jpg 207`. */
function lastWord(line: string): Split | undefined {
  const at = line.search(/\s\S*$/);
  return at < 0 ? undefined : { name: line.slice(0, at).trimEnd(), given: line.slice(at + 1) };
}

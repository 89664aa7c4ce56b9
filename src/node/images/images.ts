import { readdir } from 'node:fs/promises';
import { InputError } from '../../errors.js';
import { type CifarSplit, cifarFormatOf, readCifar } from './cifar.js';
import { readDataset } from './dataset.js';
import type { ImageSet } from './imageSet.js';

export interface OpenOptions {
  /** Which of the two sets, where a folder holds both. */
  readonly split: CifarSplit;
  /** The classes that there are, for a set to test with: what it was trained on. @defaultValue those of the folder */
  readonly classes?: readonly string[];
  /** Read what there is of damaged files. @defaultValue false */
  readonly tolerant?: boolean;
}

/**
 * The images of a folder of class folders, of a list file (with `classes` only), or of the binary form of CIFAR-10 or CIFAR-100, told by its files' names.
 *
 * @throws InputError naming the file or folder: if it cannot be read, is damaged, holds no images, or has other classes than `classes`
 */
export async function openImages(path: string, { split, classes, tolerant = false }: OpenOptions): Promise<ImageSet> {
  const format = cifarFormatOf(await readdir(path).catch(() => []));
  const set = format ? await readCifar(path, format, split) : await fromFiles(path, classes, tolerant);
  if (classes && !(set.classes.length === classes.length && set.classes.every((name, i) => name === classes[i])))
    throw new InputError(`${path}: expected the classes ${classes.join(', ')}, found ${set.classes.join(', ')}`);
  return set;
}

async function fromFiles(path: string, classes: readonly string[] | undefined, tolerant: boolean): Promise<ImageSet> {
  const { examples, names, dangling, ...reading } = await readDataset(
    path,
    classes && { count: classes.length, labels: classes.map((name) => ({ name })) },
  );
  if (dangling[0] !== undefined) throw new InputError(`${dangling[0]}: is a link to nothing`); // a run would end at it, hours later
  for (const [index, name] of names)
    if (classes && classes[index] !== name)
      throw new InputError(`${path}: its folder ${name} is none of the classes ${classes.join(', ')}`);
  return {
    classes: classes ?? [...names.values()],
    labels: examples.map(({ label }) => label),
    ...reading,
    stored: { kind: 'files', paths: examples.map((example) => example.path), tolerant },
  };
}

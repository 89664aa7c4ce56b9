import { InputError } from '../errors.js';
import type { Label } from '../io/labels.js';
import { shown } from '../tensor.js';
import type { LabelSet } from './pretrained.js';

const cifar10 = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

export const classesIn: Readonly<Record<LabelSet, number>> = { imagenet: 1000, cifar10: 10, places365: 365 };

/** The labels of published weights, in the order of their outputs; undefined where they do not ship. Nothing is loaded before. @throws InputError for a set that is none */
export function labelsOf(set: 'imagenet' | 'cifar10'): Promise<readonly Label[]>;
export function labelsOf(set: LabelSet): Promise<readonly Label[] | undefined>;
export async function labelsOf(set: LabelSet): Promise<readonly Label[] | undefined> {
  if (set === 'places365') return undefined;
  if (typeof set !== 'string' || !Object.hasOwn(classesIn, set))
    throw new InputError(`labels are of ${Object.keys(classesIn).join(', ')}, not ${shown(set)}`);
  if (set === 'cifar10') return cifar10.map((name) => ({ name }));
  return (await imagenetRows()).map(([synset, , name]) => ({ name, synset }));
}

/** The ids, from 1, that the development kit of ILSVRC-2012 gives the classes, in the order of their sorted synsets: class 0, n01440764, has id 449. */
export async function devkitIds(): Promise<readonly number[]> {
  return (await imagenetRows()).map(([, id]) => Number(id));
}

async function imagenetRows(): Promise<readonly (readonly [synset: string, devkitId: string, name: string])[]> {
  const { imagenetClasses } = await import('./imagenetClasses.js');
  return imagenetClasses
    .trim()
    .split('\n')
    .map((line) => line.split('\t') as [string, string, string]);
}

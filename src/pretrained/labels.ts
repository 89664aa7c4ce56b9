import type { Label } from '../io/labels.js';
import type { LabelSet } from './pretrained.js';

const cifar10 = ['airplane', 'automobile', 'bird', 'cat', 'deer', 'dog', 'frog', 'horse', 'ship', 'truck'];

export const classesIn: Readonly<Record<LabelSet, number>> = { imagenet: 1000, cifar10: 10 };

/** The labels of published weights, in the order of their outputs. Nothing is loaded before. */
export async function labelsOf(set: LabelSet): Promise<readonly Label[]> {
  if (set === 'cifar10') return cifar10.map((name) => ({ name }));
  const { imagenetClasses } = await import('./imagenetClasses.js');
  return imagenetClasses
    .trim()
    .split('\n')
    .map((line) => {
      const [synset, , name] = line.split('\t') as [string, string, string];
      return { name, synset };
    });
}

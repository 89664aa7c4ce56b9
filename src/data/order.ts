import { type Random, randomOf, shuffled } from './random.js';

export interface OrderOptions {
  /** Draw every class equally often, however many images it has. @defaultValue false */
  readonly balanced?: boolean;
}

/**
 * The images of an epoch in the order in which they are trained on, a function of seed and epoch: indices into `labels`, as many as there are.
 *
 * Each image comes once; or, `balanced`, classes take turns, each turn in a new order, and so do the images of a class (class-aware sampling, Shen 2016,
 * arXiv:1512.05830): one of a small class comes several times, one of a large class perhaps not at all. A class without images has no turn.
 */
export function order(seed: number, epoch: number, labels: readonly number[], { balanced = false }: OrderOptions = {}): readonly number[] {
  const random = randomOf(seed, epoch);
  if (!balanced) return shuffled([...labels.keys()], random);
  const byClass = new Map<number, number[]>();
  labels.forEach((label, image) => {
    const images = byClass.get(label);
    if (images) images.push(image);
    else byClass.set(label, [image]);
  });
  const decks = Array.from(byClass.values(), (images) => deck(images, random));
  const turn = deck(decks, random);
  return labels.map(() => turn()());
}

/** Deals shuffled cards, and when there are none left shuffles them anew. */
function deck<T>(cards: readonly T[], random: Random): () => T {
  let left: T[] = [];
  return () => {
    if (left.length === 0) left = shuffled(cards, random);
    return left.pop() as T;
  };
}

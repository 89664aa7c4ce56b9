import { type Rate, rateOf } from '../stats/rate.js';

/** How an image was classified. */
export interface Scored {
  readonly label: number;
  /** The most probable classes, most probable first: five, or all where there are fewer. */
  readonly top: readonly number[];
}

/** A class's share. */
export interface ClassScore {
  readonly index: number;
  readonly top1: Rate;
  readonly top5: Rate;
  /** Images of other classes that were taken for this one. */
  readonly wrongly: number;
}

/** Images of one class taken for another. */
export interface Confusion {
  readonly label: number;
  readonly taken: number;
  readonly images: number;
}

export interface Scores {
  readonly top1: Rate;
  readonly top5: Rate;
  /** Of the classes that have images. */
  readonly classes: readonly ClassScore[];
  /** The most frequent first. */
  readonly confusions: readonly Confusion[];
}

/** Top-1 and top-5 errors, in all and by class, and what was taken for what. */
export function scoresOf(images: readonly Scored[]): Scores {
  const wrong1 = ({ label, top }: Scored): boolean => top[0] !== label;
  const wrong5 = ({ label, top }: Scored): boolean => !top.slice(0, 5).includes(label);
  const rate = (of: readonly Scored[], wrong: (image: Scored) => boolean): Rate => rateOf(of.filter(wrong).length, of.length);

  const byClass = groupBy(images, ({ label }) => label);
  const mistakes = images.filter(wrong1);
  const byTaken = groupBy(mistakes, ({ top }) => top[0] as number);
  const byPair = groupBy(mistakes, ({ label, top }) => `${label} ${top[0]}`);
  return {
    top1: rate(images, wrong1),
    top5: rate(images, wrong5),
    classes: [...byClass]
      .map(([index, of]) => ({ index, top1: rate(of, wrong1), top5: rate(of, wrong5), wrongly: byTaken.get(index)?.length ?? 0 }))
      .sort((a, b) => a.index - b.index),
    confusions: [...byPair.values()]
      .map((of) => ({ label: (of[0] as Scored).label, taken: (of[0] as Scored).top[0] as number, images: of.length }))
      .sort((a, b) => b.images - a.images || a.label - b.label || a.taken - b.taken),
  };
}

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

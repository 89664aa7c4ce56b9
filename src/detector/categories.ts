import type { CocoCategory } from '../detect/ap/coco.js';
import { InputError } from '../errors.js';
import { cocoClasses } from './cocoClasses.js';

/**
 * The ids of the categories that a detector's classes are, by class. The classes of a detector of 91 are COCO's ids. Others are as many as the categories,
 * class i being the i-th by ascending id.
 *
 * @param classes of the detector, with the background as class 0
 * @returns without the classes that have no category
 * @throws InputError if the classes cannot be those categories
 */
export function categoriesOf(classes: number, categories: readonly CocoCategory[]): ReadonlyMap<number, number> {
  const ids = categories.map(({ id }) => id).sort((a, b) => a - b);
  if (classes === cocoClasses.length) {
    const known = ids.filter((id) => id >= 1 && id < classes);
    if (known.length === 0) throw new InputError(`categories: none has an id from 1 to ${classes - 1}, which are the detector's classes`);
    return new Map(known.map((id) => [id, id]));
  }
  if (ids.length !== classes - 1)
    throw new InputError(`expected ${classes - 1} categories, one for each class of the detector, found ${ids.length}`);
  return new Map(ids.map((id, i) => [i + 1, id]));
}

import { InputError } from '../../errors.js';
import type { CocoAnnotation, CocoGroundTruth } from './coco.js';
import { areaNames, areaRanges } from './parameters.js';

/** Ground truth by image and class. Images and classes are numbered in the order of their ids. */
export interface GroundTruth {
  readonly names: readonly string[];
  readonly imageOf: ReadonlyMap<number, number>;
  readonly classOf: ReadonlyMap<number, number>;
  /** Annotations by image, then by class, then as they were listed. Those of an image begin at its `starts` and end at the next image's. */
  readonly starts: Uint32Array;
  readonly classes: Uint32Array;
  /** Four numbers each: x, y, width, height. */
  readonly boxes: Float64Array;
  readonly areas: Float64Array;
  readonly crowds: Uint8Array;
  /** Those whose id is 0: pycocotools takes that for "matched with none". */
  readonly zeroIds: Uint8Array;
  /** How many are to be found, of each class in each range of areas. */
  readonly wanted: readonly Uint32Array[];
}

/**
 * @throws InputError naming the place and the value: where an id stands twice, a name stands twice, or an annotation is of an image or a category
 * that is not listed
 */
export function groundTruthOf({ images, annotations, categories }: CocoGroundTruth): GroundTruth {
  const imageOf = numbered('images', images);
  const classOf = numbered('categories', categories);
  unique('categories', 'name', categories, ({ name }) => name);
  unique('annotations', 'id', annotations, ({ id }) => id);
  const imageAt = Uint32Array.from(annotations, ({ image_id }, i) => placeOf(imageOf, image_id, `annotations[${i}].image_id`, 'image'));
  const classAt = Uint32Array.from(annotations, ({ category_id }, i) =>
    placeOf(classOf, category_id, `annotations[${i}].category_id`, 'category'),
  );
  const order = Uint32Array.from(annotations.keys()).sort(
    (a, b) => at(imageAt, a) - at(imageAt, b) || at(classAt, a) - at(classAt, b) || a - b,
  );
  const listed = Array.from(order, (i) => annotations[i] as CocoAnnotation);
  const boxes = new Float64Array(4 * listed.length);
  for (const [i, { bbox }] of listed.entries()) boxes.set(bbox, 4 * i);
  const classes = order.map((i) => at(classAt, i));
  const areas = Float64Array.from(listed, ({ area }) => area);
  const crowds = Uint8Array.from(listed, ({ iscrowd }) => Number(iscrowd ?? 0));
  return {
    names: categories.toSorted((a, b) => a.id - b.id).map(({ name }) => name),
    imageOf,
    classOf,
    starts: startsOf(imageAt, imageOf.size),
    classes,
    boxes,
    areas,
    crowds,
    zeroIds: Uint8Array.from(listed, ({ id }) => Number(id === 0)),
    wanted: areaNames.map((name) => {
      const counts = new Uint32Array(categories.length);
      const [low, high] = areaRanges[name];
      for (const [i, area] of areas.entries()) {
        const k = at(classes, i);
        if (at(crowds, i) === 0 && area >= low && area <= high) counts[k] = at(counts, k) + 1;
      }
      return counts;
    }),
  };
}

/** The place of an id. @throws InputError naming where it stands */
export function placeOf(places: ReadonlyMap<number, number>, id: number, path: string, what: 'image' | 'category'): number {
  const place = places.get(id);
  if (place === undefined) throw new InputError(`${path}: no ${what} of the ground truth has the id ${id}`);
  return place;
}

const at = (values: Uint8Array | Uint32Array, i: number): number => values[i] as number;

/** The places of ids in their order. */
function numbered(list: string, entries: readonly { readonly id: number }[]): ReadonlyMap<number, number> {
  unique(list, 'id', entries, ({ id }) => id);
  const ids = Float64Array.from(entries, ({ id }) => id).sort();
  return new Map(Array.from(ids, (id, place) => [id, place] as const));
}

/** @throws InputError naming both places and the value where one stands twice */
export function unique<T>(list: string, key: string, entries: readonly T[], of: (entry: T) => number | string): void {
  const first = new Map<number | string, number>();
  for (const [i, entry] of entries.entries()) {
    const value = of(entry);
    const before = first.get(value);
    if (before !== undefined)
      throw new InputError(`${list}[${i}].${key}: ${JSON.stringify(value)} is also the ${key} of ${list}[${before}]`);
    first.set(value, i);
  }
}

function startsOf(imageAt: Uint32Array, images: number): Uint32Array {
  const starts = new Uint32Array(images + 1);
  for (const image of imageAt) starts[image + 1] = at(starts, image + 1) + 1;
  for (let image = 0; image < images; image++) starts[image + 1] = at(starts, image + 1) + at(starts, image);
  return starts;
}

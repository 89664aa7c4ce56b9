import { InputError } from '../../errors.js';
import { anyText, atLeast, type Kind, listOf, number, objectWith, optional, plain } from '../../io/schema.js';

/** COCO's own form of ground truth and results (cocodataset.org/#format-data, #format-results). Keys that are not named here are passed over. */

/** The upper left corner, width and height, in pixels. */
export type CocoBox = readonly [x: number, y: number, width: number, height: number];

export interface CocoImage {
  readonly id: number;
  readonly width?: number | undefined;
  readonly height?: number | undefined;
  readonly file_name?: string | undefined;
}

export interface CocoAnnotation {
  readonly id: number;
  readonly image_id: number;
  readonly category_id: number;
  readonly bbox: CocoBox;
  /** Of the segmentation, square pixels: an object is small, medium or large by it. */
  readonly area: number;
  /** A crowd is one box round many objects. 0 where it is left out. */
  readonly iscrowd?: 0 | 1 | boolean | undefined;
}

export interface CocoCategory {
  readonly id: number;
  readonly name: string;
}

export interface CocoGroundTruth {
  readonly images: readonly CocoImage[];
  readonly annotations: readonly CocoAnnotation[];
  readonly categories: readonly CocoCategory[];
}

/** A detection of an image that is known. */
export interface CocoImageDetection {
  readonly category_id: number;
  readonly bbox: CocoBox;
  readonly score: number;
}

export interface CocoDetection extends CocoImageDetection {
  readonly image_id: number;
}

const id = plain<number>('a whole number', Number.isSafeInteger);

const fourNumbers = plain<CocoBox>(
  'four numbers: x, y, width and height',
  (value) => Array.isArray(value) && value.length === 4 && [0, 1, 2, 3].every((i) => Number.isFinite(value[i])),
);

const box: Kind<CocoBox> = {
  what: fourNumbers.what,
  read(value, path) {
    const [x, y, width, height] = fourNumbers.read(value, path);
    if (width < 0 || height < 0)
      throw new InputError(`${path} has a negative ${width < 0 ? 'width' : 'height'}: [${[x, y, width, height].join(',')}]`);
    return [x, y, width, height];
  },
};

const area: Kind<number> = { ...atLeast(0), what: "a number from 0, which COCO's ground truth has for each annotation" };

const crowd = plain<0 | 1 | boolean>('0 or 1', (value) => value === 0 || value === 1 || typeof value === 'boolean');

export const imageKind: Kind<CocoImage> = objectWith({
  id,
  width: optional(atLeast(0)),
  height: optional(atLeast(0)),
  file_name: optional(anyText),
});

export const annotationKind: Kind<CocoAnnotation> = objectWith({
  id,
  image_id: id,
  category_id: id,
  bbox: box,
  area,
  iscrowd: optional(crowd, 0),
});

export const categoryKind: Kind<CocoCategory> = objectWith({ id, name: anyText });

export const groundTruthKind: Kind<CocoGroundTruth> = objectWith({
  images: listOf(imageKind),
  annotations: listOf(annotationKind),
  categories: listOf(categoryKind),
});

const scored = { category_id: id, bbox: box, score: number };

export const imageDetectionKind: Kind<CocoImageDetection> = objectWith(scored);

export const detectionKind: Kind<CocoDetection> = objectWith({ image_id: id, ...scored });

export const imageIdKind = id;

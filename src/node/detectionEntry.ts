import type { DetectionResult } from '../detector/detector.js';
import { InputError } from '../errors.js';
import { type Kind, listOf, number, objectWith, optional, text, wholeFrom } from '../io/schema.js';

/** What an evaluation's journal has of an image: what was detected on it, or why nothing could be. */
export type DetectionEntry = {
  /** The image's id. */
  readonly image: number;
} & (
  | {
      /** Six numbers for each detection, the surest first: class, score, and its box's x, y, width and height in pixels. */
      readonly found: readonly number[];
      /** Boxes and scores that were left out because they are not finite. */
      readonly dropped: number;
    }
  | { readonly error: string }
);

/** Numbers of a detection. */
const each = 6;

export interface EntryDetection {
  readonly index: number;
  readonly score: number;
  /** x, y, width, height. */
  readonly box: readonly [number, number, number, number];
}

/** About as precise as float32, in which networks compute. */
const compact = (value: number): number => Number(value.toPrecision(8));

export const entryOfFound = (image: number, { detections, dropped }: DetectionResult): DetectionEntry => ({
  image,
  found: detections.flatMap(({ index, score, box: { x1, y1, x2, y2 } }) => [index, ...[score, x1, y1, x2 - x1, y2 - y1].map(compact)]),
  dropped,
});

export function* detectionsOf(found: readonly number[]): Generator<EntryDetection> {
  for (let i = 0; i < found.length; i += each) {
    const [index, score, ...box] = found.slice(i, i + each) as [number, number, number, number, number, number];
    yield { index, score, box };
  }
}

/** An entry of one of these images, by a detector of so many classes. */
export function detectionEntryOf(images: ReadonlySet<number>, classes: number): Kind<DetectionEntry> {
  const fields = objectWith({
    image: wholeFrom(Number.MIN_SAFE_INTEGER),
    error: optional(text),
    found: optional(listOf(number)),
    dropped: optional(wholeFrom(0), 0),
  });
  return {
    what: 'what was detected on an image',
    read(value, path) {
      const { image, error, found, dropped } = fields.read(value, path);
      if (!images.has(image)) throw new InputError(`image must be the id of one of the images, not ${image}`);
      if (error !== undefined) return { image, error };
      if (found === undefined || !areDetections(found, classes))
        throw new InputError(`found must be six numbers for each detection: class, score, x, y, width, height`);
      return { image, found, dropped };
    },
  };
}

function areDetections(found: readonly number[], classes: number): boolean {
  if (found.length % each !== 0) return false;
  for (const { index, score, box } of detectionsOf(found)) {
    if (!Number.isInteger(index) || index < 1 || index >= classes || score < 0 || score > 1 || box[2] < 0 || box[3] < 0) return false;
  }
  return true;
}

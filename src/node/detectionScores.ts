import type { CocoGroundTruth } from '../detect/ap/coco.js';
import { DetectionColumns } from '../detect/ap/detectionColumns.js';
import { averagePrecisionOf } from '../detect/ap/evaluation.js';
import { type GroundTruth, groundTruthOf } from '../detect/ap/groundTruth.js';
import type { AveragePrecision } from '../detect/ap/summary.js';
import { type DetectionEntry, detectionsOf } from './detectionEntry.js';

/** What became of the images of an annotation file. */
export interface DetectionScores {
  readonly result: AveragePrecision;
  /** Of the images that could be read. */
  readonly truth: GroundTruth;
  readonly annotations: number;
  readonly columns: DetectionColumns;
  /** Detections of classes without a category, by class. */
  readonly leftOut: ReadonlyMap<number, number>;
  readonly dropped: number;
}

/**
 * COCO's evaluation of the images that could be read. The annotations of the others do not count.
 *
 * @param entries by the image's id, of each image
 * @param categories ids by class
 */
export function scoreDetections(
  groundTruth: CocoGroundTruth,
  entries: ReadonlyMap<number, DetectionEntry>,
  categories: ReadonlyMap<number, number>,
): DetectionScores {
  const wasRead = (id: number): boolean => 'found' in (entries.get(id) as DetectionEntry);
  const images = groundTruth.images.filter(({ id }) => wasRead(id));
  const annotations = groundTruth.annotations.filter(({ image_id }) => wasRead(image_id));
  const truth = groundTruthOf({ images, annotations, categories: groundTruth.categories });
  const columns = new DetectionColumns();
  const leftOut = new Map<number, number>();
  let dropped = 0;
  for (const { id } of images) {
    const entry = entries.get(id) as Extract<DetectionEntry, { readonly found: unknown }>;
    dropped += entry.dropped;
    for (const { index, score, box } of detectionsOf(entry.found)) {
      const category = categories.get(index);
      if (category === undefined) leftOut.set(index, (leftOut.get(index) ?? 0) + 1);
      else columns.push(truth.imageOf.get(id) as number, truth.classOf.get(category) as number, box, score);
    }
  }
  return { result: averagePrecisionOf(truth, columns), truth, annotations: annotations.length, columns, leftOut, dropped };
}

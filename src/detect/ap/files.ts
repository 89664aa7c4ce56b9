import { InputError } from '../../errors.js';
import { firstCharacter, listRecords, objectRecords } from '../../io/jsonRecords.js';
import {
  annotationKind,
  type CocoAnnotation,
  type CocoCategory,
  type CocoGroundTruth,
  type CocoImage,
  categoryKind,
  imageKind,
} from './coco.js';
import { DetectionColumns, readDetection } from './detectionColumns.js';
import type { GroundTruth } from './groundTruth.js';

/** Reads COCO's files, an entry at a time: segmentations are as long as they like, and none is kept. */

/** @throws InputError naming the place that is not as COCO's ground truth has it; of detections given instead one that says so */
export function readGroundTruth(bytes: Uint8Array): CocoGroundTruth {
  if (firstCharacter(bytes) === '[')
    throw new InputError('is a list, as detections are, but must be ground truth: an object of images, annotations and categories');
  const images: CocoImage[] = [];
  const annotations: CocoAnnotation[] = [];
  const categories: CocoCategory[] = [];
  objectRecords(bytes, {
    images: (value, path) => images.push(imageKind.read(value, path)),
    annotations: (value, path) => annotations.push(annotationKind.read(value, path)),
    categories: (value, path) => categories.push(categoryKind.read(value, path)),
  });
  return { images, annotations, categories };
}

/** @throws InputError naming the place that is not as COCO's results have it, or is of no image or category of `truth`; of ground truth given instead one that says so */
export function readDetections(bytes: Uint8Array, truth: GroundTruth): DetectionColumns {
  if (firstCharacter(bytes) === '{')
    throw new InputError('is an object, as ground truth is, but must be a list of detections: image_id, category_id, bbox, score');
  const detections = new DetectionColumns();
  listRecords(bytes, 'detections', (value, path) => readDetection(value, path, truth, detections));
  return detections;
}

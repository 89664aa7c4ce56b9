import { InputError } from '../../errors.js';
import {
  type CocoDetection,
  type CocoGroundTruth,
  type CocoImageDetection,
  groundTruthKind,
  imageDetectionKind,
  imageIdKind,
} from './coco.js';
import { DetectionColumns, readDetection } from './detectionColumns.js';
import { averagePrecisionOf, BoxEvaluation } from './evaluation.js';
import { groundTruthOf, placeOf } from './groundTruth.js';
import type { AveragePrecision } from './summary.js';

/** COCO's evaluation of boxes, an image at a time. Some 30 bytes are kept of each detection. */
export interface ApEvaluation {
  /**
   * What was detected on an image. Images may come in any order; those that never come count as images without detections.
   *
   * @throws InputError naming the detection's place: if it is not in COCO's form, or of no category of the ground truth; if the image is none of the
   * ground truth, or was added before. Nothing is added then.
   */
  add(imageId: number, detections: readonly CocoImageDetection[]): void;
  /** Of all images of the ground truth. More may be added afterwards. */
  result(): AveragePrecision;
}

/**
 * Average precision and recall as COCO defines them for boxes, equal to pycocotools' COCOeval: crowds, ranges of areas and the order of equal scores
 * included. Matching is per image, so memory grows with the number of detections alone.
 *
 * @throws InputError naming the place in the ground truth that is not as COCO's form has it
 */
export function createAp(groundTruth: CocoGroundTruth): ApEvaluation {
  const truth = groundTruthOf(groundTruthKind.read(groundTruth, ''));
  const evaluation = new BoxEvaluation(truth);
  return {
    add(imageId, detections) {
      const image = placeOf(truth.imageOf, imageIdKind.read(imageId, 'imageId'), 'imageId', 'image');
      const read = new DetectionColumns();
      for (const [i, detection] of entriesOf(detections)) {
        const { category_id, bbox, score } = imageDetectionKind.read(detection, `detections[${i}]`);
        read.push(image, placeOf(truth.classOf, category_id, `detections[${i}].category_id`, 'category'), bbox, score);
      }
      if (evaluation.has(image)) throw new InputError(`image ${imageId} was added before`);
      evaluation.add(
        image,
        read,
        Uint32Array.from({ length: read.length }, (_, place) => place),
      );
    },
    result: () => evaluation.result(),
  };
}

/**
 * The same of a whole list, such as a result file that is parsed. Equal scores of an image and class count in the order of the list.
 *
 * @throws InputError naming the place that is not as COCO's form has it
 */
export function averagePrecision(groundTruth: CocoGroundTruth, detections: readonly CocoDetection[]): AveragePrecision {
  const truth = groundTruthOf(groundTruthKind.read(groundTruth, ''));
  const read = new DetectionColumns();
  for (const [i, detection] of entriesOf(detections)) readDetection(detection, `detections[${i}]`, truth, read);
  return averagePrecisionOf(truth, read);
}

function entriesOf<T>(detections: readonly T[]): Iterable<[number, T]> {
  if (!Array.isArray(detections)) throw new InputError('detections must be a list');
  return detections.entries();
}

import { InputError } from '../../errors.js';
import {
  type CocoDetection,
  type CocoGroundTruth,
  type CocoImageDetection,
  groundTruthKind,
  imageDetectionKind,
  imageIdKind,
} from './coco.js';
import { Detections, readDetection } from './detections.js';
import { type GroundTruth, groundTruthOf, placeOf } from './groundTruth.js';
import { match, type Objects } from './match.js';
import { areaNames, mostDetections } from './parameters.js';
import { type AveragePrecision, type ClassCurves, summarise } from './summary.js';
import { Tally } from './tally.js';

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
  const evaluation = new Evaluation(truth);
  return {
    add(imageId, detections) {
      const image = placeOf(truth.imageOf, imageIdKind.read(imageId, 'imageId'), 'imageId', 'image');
      const read = new Detections();
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
  const read = new Detections();
  for (const [i, detection] of entriesOf(detections)) readDetection(detection, `detections[${i}]`, truth, read);
  return averagePrecisionOf(truth, read);
}

/** Of what is read and checked. */
export function averagePrecisionOf(truth: GroundTruth, detections: Detections): AveragePrecision {
  const evaluation = new Evaluation(truth);
  for (const [image, which] of detections.byImage()) evaluation.add(image, detections, which);
  return evaluation.result();
}

function entriesOf<T>(detections: readonly T[]): Iterable<[number, T]> {
  if (!Array.isArray(detections)) throw new InputError('detections must be a list');
  return detections.entries();
}

class Evaluation {
  readonly #truth: GroundTruth;
  readonly #tallies: readonly Tally[];
  readonly #added: Uint8Array;

  constructor(truth: GroundTruth) {
    this.#truth = truth;
    this.#tallies = truth.names.map(() => new Tally());
    this.#added = new Uint8Array(truth.imageOf.size);
  }

  has(image: number): boolean {
    return this.#added[image] === 1;
  }

  /** Adds an image's detections: those at the places `which`, which rise. */
  add(image: number, { classes, scores, boxes }: Detections, which: Uint32Array): void {
    this.#added[image] = 1;
    const classAt = (place: number): number => classes[place] as number;
    const order = which.toSorted((a, b) => classAt(a) - classAt(b) || (scores[b] as number) - (scores[a] as number) || a - b);
    for (let from = 0, to = 0; from < order.length; from = to) {
      const k = classAt(order[from] as number);
      while (to < order.length && classAt(order[to] as number) === k) to++;
      const best = order.subarray(from, Math.min(to, from + mostDetections));
      const chosen = new Float64Array(4 * best.length);
      for (const [i, place] of best.entries()) chosen.set(boxes.subarray(4 * place, 4 * place + 4), 4 * i);
      const tally = this.#tallies[k] as Tally;
      const places = Uint32Array.from(best, (place) => tally.push(image, scores[place] as number));
      match(chosen, this.#objects(image, k), (d, area, right, wrong) => tally.note(places[d] as number, d, area, right, wrong));
    }
  }

  /** Those of a class on an image. */
  #objects(image: number, k: number): Objects {
    const { starts, classes, boxes, areas, crowds, zeroIds } = this.#truth;
    const end = starts[image + 1] as number;
    let from = starts[image] as number;
    while (from < end && classes[from] !== k) from++;
    let to = from;
    while (to < end && classes[to] === k) to++;
    return {
      count: to - from,
      boxes: boxes.subarray(4 * from, 4 * to),
      areas: areas.subarray(from, to),
      crowds: crowds.subarray(from, to),
      zeroIds: zeroIds.subarray(from, to),
    };
  }

  result(): AveragePrecision {
    const { names, wanted } = this.#truth;
    const curves = names.map((name, k): ClassCurves => {
      const tally = this.#tallies[k] as Tally;
      const order = tally.order();
      const objects = areaNames.map((_, area) => wanted[area]?.[k] as number);
      return {
        name,
        areas: objects.map((count, area) => (count === 0 ? undefined : tally.curve(order, area, count))),
        firstRecall: { 1: tally.firstRecall(1, objects[0] as number), 10: tally.firstRecall(10, objects[0] as number) },
      };
    });
    return summarise(curves);
  }
}

import { ClassRecord } from './classRecord.js';
import type { DetectionColumns } from './detectionColumns.js';
import type { GroundTruth } from './groundTruth.js';
import { match, type Objects } from './match.js';
import { areaNames, mostDetections } from './parameters.js';
import { type AveragePrecision, type ClassCurves, summarise } from './summary.js';

/** Of detections that are read and checked, all at once. */
export function averagePrecisionOf(truth: GroundTruth, detections: DetectionColumns): AveragePrecision {
  const evaluation = new BoxEvaluation(truth);
  for (const [image, which] of detections.byImage()) evaluation.add(image, detections, which);
  return evaluation.result();
}

/** What is kept of an evaluation: a record of each class. Detections are let go as soon as their image is matched. */
export class BoxEvaluation {
  readonly #truth: GroundTruth;
  readonly #records: readonly ClassRecord[];
  readonly #added: Uint8Array;

  constructor(truth: GroundTruth) {
    this.#truth = truth;
    this.#records = truth.names.map(() => new ClassRecord());
    this.#added = new Uint8Array(truth.imageOf.size);
  }

  has(image: number): boolean {
    return this.#added[image] === 1;
  }

  /** Adds an image's detections: those at the places `which`, which rise. */
  add(image: number, { classes, scores, boxes }: DetectionColumns, which: Uint32Array): void {
    this.#added[image] = 1;
    const classAt = (place: number): number => classes[place] as number;
    const order = which.toSorted((a, b) => classAt(a) - classAt(b) || (scores[b] as number) - (scores[a] as number) || a - b);
    for (let from = 0, to = 0; from < order.length; from = to) {
      const k = classAt(order[from] as number);
      while (to < order.length && classAt(order[to] as number) === k) to++;
      const best = order.subarray(from, Math.min(to, from + mostDetections));
      const chosen = new Float64Array(4 * best.length);
      for (const [i, place] of best.entries()) chosen.set(boxes.subarray(4 * place, 4 * place + 4), 4 * i);
      const record = this.#records[k] as ClassRecord;
      const places = Uint32Array.from(best, (place) => record.push(image, scores[place] as number));
      match(chosen, this.#objects(image, k), (d, area, right, wrong) => record.note(places[d] as number, d, area, right, wrong));
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
      const record = this.#records[k] as ClassRecord;
      const order = record.order();
      const objects = areaNames.map((_, area) => wanted[area]?.[k] as number);
      return {
        name,
        areas: objects.map((count, area) => (count === 0 ? undefined : record.curve(order, area, count))),
        firstRecall: { 1: record.firstRecall(1, objects[0] as number), 10: record.firstRecall(10, objects[0] as number) },
      };
    });
    return summarise(curves);
  }
}

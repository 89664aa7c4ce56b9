import { areaNames, areaRanges, iouThresholds } from './parameters.js';

/** Boxes that are to be found: of one class on one image. */
export interface Objects {
  readonly count: number;
  /** Four numbers each: x, y, width, height. */
  readonly boxes: Float64Array;
  readonly areas: Float64Array;
  readonly crowds: Uint8Array;
  readonly zeroIds: Uint8Array;
}

/** What became of one detection in one range of areas. A bit for each IoU threshold; where neither is set the detection is ignored. */
export type Outcome = (detection: number, area: number, right: number, wrong: number) => void;

/**
 * Matches one class's detections on one image with its objects, in every range of areas and at every threshold (pycocotools' COCOeval.evaluateImg).
 * The best detection chooses first. It takes the object of the largest IoU that is free, of equals the later one. Ignored objects, crowds and those
 * outside the range, are only taken where no other matches, and make the detection ignored. A crowd stays free.
 *
 * @param boxes of the detections, in falling order of score
 */
export function match(boxes: Float64Array, objects: Objects, outcome: Outcome): void {
  const searches = areaNames.map((name) => searchOf(areaRanges[name], objects));
  const ious = new Float64Array(objects.count);
  for (let d = 0; 4 * d < boxes.length; d++) {
    const box = boxes.subarray(4 * d, 4 * d + 4);
    overlaps(box, objects, ious);
    for (const [area, search] of searches.entries()) {
      const [right, wrong] = find(at(box, 2) * at(box, 3), ious, objects, search);
      outcome(d, area, right, wrong);
    }
  }
}

/** The objects of one image and class in one range of areas. */
interface Search {
  readonly range: readonly [low: number, high: number];
  /** Places of the objects, ignored ones last. */
  readonly order: readonly number[];
  /** How many are not ignored. */
  readonly real: number;
  /** By place, a bit for each threshold. */
  readonly taken: Uint16Array;
}

function searchOf(range: Search['range'], { count, areas, crowds }: Objects): Search {
  const [low, high] = range;
  const real: number[] = [];
  const ignored: number[] = [];
  for (let g = 0; g < count; g++) {
    const counts = crowds[g] === 0 && (areas[g] as number) >= low && (areas[g] as number) <= high;
    (counts ? real : ignored).push(g);
  }
  return { range, order: [...real, ...ignored], real: real.length, taken: new Uint16Array(count) };
}

/** @returns the thresholds at which a detection of so many square pixels is right, and those at which it is wrong */
function find(
  size: number,
  ious: Float64Array,
  objects: Objects,
  { range, order, real, taken }: Search,
): readonly [right: number, wrong: number] {
  const outside = size < range[0] || size > range[1];
  let [right, wrong] = [0, 0];
  for (let t = 0; t < iouThresholds.length; t++) {
    const bit = 1 << t;
    let best = Math.min(iouThresholds[t] as number, 1 - 1e-10);
    let found = -1;
    for (let i = 0; i < order.length; i++) {
      if (i === real && found >= 0) break;
      const g = order[i] as number;
      if ((taken[g] as number) & bit && objects.crowds[g] === 0) continue;
      const iou = ious[g] as number;
      if (iou < best) continue;
      best = iou;
      found = i;
    }
    const g = order[found];
    if (g !== undefined) taken[g] = (taken[g] as number) | bit;
    if (found >= real) continue;
    // pycocotools notes the id of what is matched, and takes 0 for none
    if (g !== undefined && objects.zeroIds[g] === 0) right |= bit;
    else if (!outside) wrong |= bit;
  }
  return [right, wrong];
}

/** A box's IoU with each object, as pycocotools' bbIou has it. With a crowd it is the intersection over the box's own area. */
function overlaps(box: Float64Array, { boxes, crowds }: Objects, ious: Float64Array): void {
  const [right, bottom] = [at(box, 2) + at(box, 0), at(box, 3) + at(box, 1)];
  const own = at(box, 2) * at(box, 3);
  for (let g = 0; g < ious.length; g++) {
    const [left, top, width, height] = [at(boxes, 4 * g), at(boxes, 4 * g + 1), at(boxes, 4 * g + 2), at(boxes, 4 * g + 3)];
    const across = Math.min(right, width + left) - Math.max(at(box, 0), left);
    const down = Math.min(bottom, height + top) - Math.max(at(box, 1), top);
    const intersection = across * down;
    ious[g] = across <= 0 || down <= 0 ? 0 : intersection / (crowds[g] === 1 ? own : own + width * height - intersection);
  }
}

const at = (values: Float64Array, i: number): number => values[i] as number;

import { areaNames, areaRanges, iouThresholds } from './parameters.js';

/** Boxes that are compared: of one class on one image. */
export interface Objects {
  readonly count: number;
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
export function match(boxes: Float64Array, { count, boxes: objectBoxes, areas, crowds, zeroIds }: Objects, outcome: Outcome): void {
  const detections = boxes.length / 4;
  const ious = iousOf(boxes, objectBoxes, crowds);
  for (const [areaAt, name] of areaNames.entries()) {
    const [low, high] = areaRanges[name];
    const ignored = (g: number): boolean => crowds[g] === 1 || (areas[g] as number) < low || (areas[g] as number) > high;
    const places = Array.from({ length: count }, (_, g) => g);
    const order = [...places.filter((g) => !ignored(g)), ...places.filter(ignored)];
    const real = places.reduce((sum, g) => sum + Number(!ignored(g)), 0);
    const taken = new Uint16Array(count); // a bit for each threshold
    for (let d = 0; d < detections; d++) {
      const size = (boxes[4 * d + 2] as number) * (boxes[4 * d + 3] as number);
      const outside = size < low || size > high;
      let [right, wrong] = [0, 0];
      for (let t = 0; t < iouThresholds.length; t++) {
        const bit = 1 << t;
        let best = Math.min(iouThresholds[t] as number, 1 - 1e-10);
        let found = -1;
        for (let i = 0; i < count; i++) {
          if (i === real && found >= 0) break;
          const g = order[i] as number;
          if ((taken[g] as number) & bit && crowds[g] === 0) continue;
          const iou = ious[d * count + g] as number;
          if (iou < best) continue;
          best = iou;
          found = i;
        }
        const g = order[found];
        if (g !== undefined) taken[g] = (taken[g] as number) | bit;
        if (found >= real) continue;
        // pycocotools notes the id of what is matched, and takes 0 for none
        if (g !== undefined && zeroIds[g] === 0) right |= bit;
        else if (!outside) wrong |= bit;
      }
      outcome(d, areaAt, right, wrong);
    }
  }
}

/** [detection, object], as pycocotools' bbIou has it. With a crowd it is the intersection over the detection's own area. */
function iousOf(detections: Float64Array, objects: Float64Array, crowds: Uint8Array): Float64Array {
  const count = objects.length / 4;
  const ious = new Float64Array((detections.length / 4) * count);
  for (let i = 0; i < ious.length; i++) {
    const [d, g] = [4 * Math.floor(i / count), 4 * (i % count)];
    const [x, y, width, height] = [detections[d], detections[d + 1], detections[d + 2], detections[d + 3]] as [
      number,
      number,
      number,
      number,
    ];
    const [left, top, wide, high] = [objects[g], objects[g + 1], objects[g + 2], objects[g + 3]] as [number, number, number, number];
    const across = Math.min(width + x, wide + left) - Math.max(x, left);
    const down = Math.min(height + y, high + top) - Math.max(y, top);
    if (across <= 0 || down <= 0) continue;
    const intersection = across * down;
    const own = width * height;
    ious[i] = intersection / (crowds[i % count] === 1 ? own : own + wide * high - intersection);
  }
  return ious;
}

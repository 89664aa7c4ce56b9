import { InputError } from '../errors.js';
import { checkOnePerBox, countBoxes, type Floats, finiteBoxes } from './boxes.js';
import { inTurn } from './order.js';

/** The boxes that non-maximum suppression keeps. */
export interface Suppressed {
  /** Indices, in order of score. */
  readonly keep: Int32Array;
  /** How many were dropped before, since a number of the box or its score is not finite. */
  readonly dropped: number;
}

/**
 * Non-maximum suppression, as torchvision's `nms` and `batched_nms`. Boxes are taken in order of score, of equal scores the lower index first. A box is
 * removed if its intersection over union with one kept before is greater than the threshold. A removed box removes nothing, and 0 / 0 is not greater.
 *
 * IoU is computed in float64. It and the threshold are rounded to float32 before they are compared. So IoU 7/10 is never greater than 0.7, and a float32
 * run agrees. torchvision on a CPU compares a float32 IoU with the float64 threshold: there IoU 3/10 is greater than 0.3.
 *
 * @param boxes [n, 4], of finite areas
 * @param scores [n]
 * @param classes [n]: boxes of different classes do not meet. Without them all are of one
 * @param most ends the search: so many of what is kept, the best ones. @defaultValue all
 * @throws ShapeError for lengths that do not fit together; InputError if the threshold is not a number from 0
 */
export function nms(boxes: Float64Array, scores: Floats, threshold: number, classes?: Int32Array, most = Infinity): Suppressed {
  const count = countBoxes('nms', boxes);
  checkOnePerBox('nms', 'scores', scores, count);
  if (classes !== undefined) checkOnePerBox('nms', 'classes', classes, count);
  if (!(Number.isFinite(threshold) && threshold >= 0)) throw new InputError(`nms: the threshold must be a number from 0, not ${threshold}`);
  const limit = Math.fround(threshold);

  const finite = finiteBoxes(boxes, scores);
  const keep: number[] = [];
  const keptOf = new Map<number, number[]>(); // per class: corners and area of each, side by side
  for (const i of inTurn(scores, finite)) {
    if (keep.length >= most) break;
    const label = classes === undefined ? 0 : (classes[i] as number);
    const kept = keptOf.get(label) ?? [];
    const x1 = boxes[4 * i] as number;
    const y1 = boxes[4 * i + 1] as number;
    const x2 = boxes[4 * i + 2] as number;
    const y2 = boxes[4 * i + 3] as number;
    if (isRemoved(kept, x1, y1, x2, y2, limit)) continue;
    keep.push(i);
    kept.push(x1, y1, x2, y2, (x2 - x1) * (y2 - y1));
    keptOf.set(label, kept);
  }
  return { keep: Int32Array.from(keep), dropped: count - finite.length };
}

/** Whether the IoU of a box with one of `kept` is greater than the limit. It is shared / all; of two boxes without area that is NaN. */
function isRemoved(kept: readonly number[], x1: number, y1: number, x2: number, y2: number, limit: number): boolean {
  const area = (x2 - x1) * (y2 - y1);
  for (let at = 0; at < kept.length; at += 5) {
    const otherX1 = kept[at] as number;
    const otherX2 = kept[at + 2] as number;
    if (otherX2 <= x1 || x2 <= otherX1) continue; // 0 is never greater; most pairs end here
    const otherY1 = kept[at + 1] as number;
    const otherY2 = kept[at + 3] as number;
    if (otherY2 <= y1 || y2 <= otherY1) continue;
    const width = Math.min(x2, otherX2) - Math.max(x1, otherX1);
    const height = Math.min(y2, otherY2) - Math.max(y1, otherY1);
    if (width <= 0 || height <= 0) continue; // a box turned inside out
    const shared = width * height;
    const all = area + (kept[at + 4] as number) - shared;
    if (Math.fround(shared / all) > limit) return true;
  }
  return false;
}

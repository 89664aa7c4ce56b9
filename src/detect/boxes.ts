import { InputError, ShapeError } from '../errors.js';
import { shown } from '../tensor.js';

/**
 * Boxes are rows of four numbers, x1, y1, x2, y2, in one Float64Array: box i begins at 4 · i. Scores are an array of one number per box.
 * What a network puts out may be float32 or float64.
 */
export type Floats = Float32Array | Float64Array;

/** An image's or a map's extents in pixels. */
export type Size = readonly [height: number, width: number];

/** @throws ShapeError unless `boxes` are rows of four */
export function countBoxes(what: string, boxes: ArrayLike<number>): number {
  if (boxes.length % 4 !== 0) throw new ShapeError(`${what}: a box is four numbers`, { boxes: [boxes.length] });
  return boxes.length / 4;
}

/** @throws ShapeError unless there is one value per box */
export function checkOnePerBox(what: string, name: string, values: ArrayLike<number>, count: number): void {
  if (values.length !== count) throw new ShapeError(`${what}: one per box`, { boxes: [count, 4], [name]: [values.length] });
}

/** @throws InputError unless both extents are whole and positive */
export function checkSize(what: string, size: Size): void {
  if (!Array.isArray(size) || size.length !== 2 || !size.every((extent) => Number.isSafeInteger(extent) && extent > 0))
    throw new InputError(`${what} must be [height, width], whole and positive, not ${shown(size)}`);
}

/** @throws InputError unless the limit is a finite number */
export function checkLimit(name: string, limit: number): void {
  if (!Number.isFinite(limit)) throw new InputError(`${name} must be a number, not ${shown(limit)}`);
}

/** The indices of boxes whose four numbers and score are all finite. What is not would be lost differently at each later step. */
export function finiteBoxes(boxes: Float64Array, scores: Floats): Int32Array {
  const indices = new Int32Array(scores.length);
  let count = 0;
  for (let i = 0; i < scores.length; i++) {
    // 0 · x is 0, but NaN for what is not finite; and a sum with NaN is NaN
    const zero = 0 * (boxes[4 * i] as number) + 0 * (boxes[4 * i + 1] as number) + 0 * (boxes[4 * i + 2] as number);
    if (zero + 0 * (boxes[4 * i + 3] as number) + 0 * (scores[i] as number) === 0) indices[count++] = i;
  }
  return indices.slice(0, count);
}

/** The values at `indices`, in that order. */
export function pick<T extends Float64Array | Int32Array>(values: T, indices: Int32Array): T {
  const picked = (values instanceof Int32Array ? new Int32Array(indices.length) : new Float64Array(indices.length)) as T;
  for (let to = 0; to < indices.length; to++) picked[to] = values[indices[to] as number] as number;
  return picked;
}

/** The boxes at `indices`, in that order. */
export function takeBoxes(boxes: Float64Array, indices: Int32Array): Float64Array {
  const taken = new Float64Array(4 * indices.length);
  for (let to = 0; to < indices.length; to++) {
    const from = 4 * (indices[to] as number);
    for (let side = 0; side < 4; side++) taken[4 * to + side] = boxes[from + side] as number;
  }
  return taken;
}

/**
 * Boxes moved into the image: x into [0, width], y into [0, height], both ends included (torchvision's `clip_boxes_to_image`).
 *
 * @param size of the image before padding
 * @throws ShapeError unless the boxes are rows of four
 */
export function clipBoxes(boxes: Float64Array, size: Size): Float64Array {
  countBoxes('clip', boxes);
  checkSize('clip: the image', size);
  const [height, width] = size;
  const clipped = new Float64Array(boxes.length);
  for (let i = 0; i < boxes.length; i++) clipped[i] = Math.min(Math.max(boxes[i] as number, 0), i % 2 === 0 ? width : height);
  return clipped;
}

/**
 * The indices of boxes with both sides at least `least`: equal sides stay (torchvision's `remove_small_boxes`). Sides and limit are compared in float32,
 * as in torchvision's float32 run.
 *
 * @throws ShapeError unless the boxes are rows of four; InputError if the limit is not a number
 */
export function boxesOfSide(boxes: Float64Array, least: number): Int32Array {
  const count = countBoxes('least side', boxes);
  checkLimit('the least side', least);
  const limit = Math.fround(least);
  const indices = new Int32Array(count);
  let found = 0;
  for (let i = 0; i < count; i++) {
    const width = (boxes[4 * i + 2] as number) - (boxes[4 * i] as number);
    const height = (boxes[4 * i + 3] as number) - (boxes[4 * i + 1] as number);
    if (Math.fround(width) >= limit && Math.fround(height) >= limit) indices[found++] = i;
  }
  return indices.slice(0, found);
}

import { showShape } from '../errors.js';
import { type Shape, sizeOf } from '../tensor.js';
import { cannot } from './values.js';

/** The axis that a number names; negative ones count from the end. */
export function axisOf(axis: number, rank: number): number {
  if (!Number.isInteger(axis) || axis < -rank || axis >= rank) cannot(`there is no axis ${axis} of ${rank}`);
  return axis < 0 ? axis + rank : axis;
}

export const axesOf = (axes: readonly number[], rank: number): readonly number[] => axes.map((axis) => axisOf(axis, rank));

/** Flatten: two extents, those before the axis and those from it. */
export function flattened(shape: Shape, axis: number): Shape {
  const at = axis === shape.length ? axis : axisOf(axis, shape.length);
  return [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))];
}

/** Reshape: 0 copies an extent (unless `allowzero`), one −1 is what remains. */
export function reshaped(shape: Shape, wanted: readonly number[], allowZero: boolean): Shape {
  const copied = wanted.map((extent, i) => (extent === 0 && !allowZero ? (shape[i] ?? -2) : extent));
  const known = sizeOf(copied.filter((extent) => extent !== -1));
  const open = copied.filter((extent) => extent === -1).length;
  const result = copied.map((extent) => (extent === -1 ? sizeOf(shape) / known : extent));
  if (open > 1 || !result.every((extent) => Number.isSafeInteger(extent) && extent >= 0) || sizeOf(result) !== sizeOf(shape))
    cannot(`${showShape(shape)} cannot be reshaped to ${showShape(wanted)}`);
  return result;
}

/** Squeeze: without axes all that are 1. */
export function squeezed(shape: Shape, axes: readonly number[] | undefined): Shape {
  const gone = axes === undefined ? shape.flatMap((extent, i) => (extent === 1 ? [i] : [])) : axesOf(axes, shape.length);
  if (gone.some((axis) => shape[axis] !== 1)) cannot(`axes ${gone.join(', ')} of ${showShape(shape)} are not all 1`);
  return shape.filter((_, axis) => !gone.includes(axis));
}

/** Unsqueeze: axes of the result that are 1. */
export function unsqueezed(shape: Shape, axes: readonly number[]): Shape {
  const rank = shape.length + axes.length;
  const added = new Set(axesOf(axes, rank));
  if (added.size !== axes.length || rank > 16) cannot(`axes ${axes.slice(0, 8).join(', ')} are no places for extents of 1`);
  const rest = [...shape];
  return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.shift() as number)));
}

/** What is taken of an axis: `count` elements from `start` on, `step` apart. */
export interface Taken {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

/** Slice, for each axis of a shape. */
export function sliced(
  shape: Shape,
  starts: readonly number[],
  ends: readonly number[],
  axes: readonly number[] = starts.map((_, i) => i),
  steps: readonly number[] = starts.map(() => 1),
): readonly Taken[] {
  const taken = shape.map((count): Taken => ({ start: 0, step: 1, count }));
  if (ends.length !== starts.length || axes.length !== starts.length || steps.length !== starts.length)
    cannot('starts, ends, axes and steps of a slice must be equally many');
  for (const [i, axis] of axesOf(axes, shape.length).entries()) {
    const [extent, step] = [shape[axis] as number, steps[i] as number];
    if (!Number.isInteger(step) || step === 0) cannot(`a slice cannot step by ${step}`);
    const bound = (at: number, low: number, high: number): number => Math.min(Math.max(at < 0 ? at + extent : at, low), high);
    const start = step > 0 ? bound(starts[i] as number, 0, extent) : bound(starts[i] as number, 0, extent - 1);
    const end = step > 0 ? bound(ends[i] as number, 0, extent) : bound(ends[i] as number, -1, extent - 1);
    taken[axis] = { start, step, count: Math.max(Math.ceil((end - start) / step), 0) };
  }
  return taken;
}

/** NumPy's broadcasting. */
export function broadcast(a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, i) => {
    const [x, y] = [a[i - rank + a.length] ?? 1, b[i - rank + b.length] ?? 1];
    if (x !== y && x !== 1 && y !== 1) cannot(`${showShape(a)} and ${showShape(b)} do not broadcast`);
    return x === 1 ? y : x;
  });
}

/** Of each axis, how far apart its elements lie. */
export function stridesOf(shape: Shape): readonly number[] {
  let stride = 1;
  return shape
    .toReversed()
    .map((extent) => {
      const own = stride;
      stride *= extent;
      return own;
    })
    .reverse();
}

import { ShapeError } from '../errors.js';
import type { Shape } from '../tensor.js';

/** Of shapes of one rank: extents that are 1 are repeated. @throws ShapeError */
export function broadcastShape(op: string, a: Shape, b: Shape): Shape {
  const fits = a.length === b.length && a.every((extent, axis) => extent === b[axis] || extent === 1 || b[axis] === 1);
  if (!fits) throw new ShapeError(`${op}: extents are equal or 1`, { a, b });
  return a.map((extent, axis) => (extent === 1 ? (b[axis] as number) : extent));
}

/** How far apart the elements of each axis lie; 0 where one is repeated along an axis of `result`. */
export function repeatedStrides(shape: Shape, result: Shape): readonly number[] {
  const strides = shape.map(() => 0);
  let stride = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    strides[axis] = shape[axis] === 1 && result[axis] !== 1 ? 0 : stride;
    stride *= shape[axis] as number;
  }
  return strides;
}

/** Calls `visit` for each index of a shape in row-major order, with the offset that each list of strides leads to. */
export function eachOffset(
  shape: Shape,
  strides: readonly (readonly number[])[],
  visit: (at: number, offsets: readonly number[]) => void,
): void {
  const size = shape.reduce((product, extent) => product * extent, 1);
  const index = shape.map(() => 0);
  const offsets = strides.map(() => 0);
  for (let at = 0; at < size; at++) {
    visit(at, offsets);
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      const next = (index[axis] as number) + 1;
      const wraps = next === shape[axis];
      index[axis] = wraps ? 0 : next;
      for (let i = 0; i < offsets.length; i++)
        offsets[i] = (offsets[i] as number) + (strides[i]?.[axis] as number) * (wraps ? 1 - next : 1);
      if (!wraps) break;
    }
  }
}

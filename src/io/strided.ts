import { type Shape, sizeOf } from '../tensor.js';

/** Tensors whose elements lie at strides: element [i, j, …] is number i·stride₀ + j·stride₁ + …. */

/** Whether elements follow each other in row-major order. Strides of extents of 1 never matter. */
export function isDense(shape: Shape, strides: readonly number[]): boolean {
  let expected = 1;
  for (let i = shape.length - 1; i >= 0; i--) {
    if (shape[i] !== 1 && strides[i] !== expected) return false;
    expected *= shape[i] as number;
  }
  return true;
}

/** The elements, `bytes` each, in row-major order. */
export function gather(span: Uint8Array, bytes: number, shape: Shape, strides: readonly number[]): Uint8Array {
  const result = new Uint8Array(sizeOf(shape) * bytes);
  const index = shape.map(() => 0);
  let from = 0;
  for (let to = 0; to < result.length; to += bytes) {
    for (let i = 0; i < bytes; i++) result[to + i] = span[from * bytes + i] as number;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis] = (index[axis] as number) + 1;
      from += strides[axis] as number;
      if ((index[axis] as number) < (shape[axis] as number)) break;
      from -= (index[axis] as number) * (strides[axis] as number);
      index[axis] = 0;
    }
  }
  return result;
}

import { type Shape, sameShape, sizeOf } from '../tensor.js';

/** Whether the two hold the same numbers in the same order but for extents of 1: a linear layer [m, C] and a convolution [m, C, 1, 1]; batch norm's [1, C]. */
export function holdsSame(a: Shape, b: Shape): boolean {
  const withoutOnes = (shape: Shape): Shape => shape.filter((extent) => extent !== 1);
  return sizeOf(a) === sizeOf(b) && sameShape(withoutOnes(a), withoutOnes(b));
}

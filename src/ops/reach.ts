import type { Shape } from '../tensor.js';
import type { Box, PoolAttrs } from './op.js';

/** Our windows in the terms of formats and engines that round and pad in their own ways. Shapes are NCHW. */

export const noPadding: Box = [0, 0, 0, 0];

/**
 * The padding under which a floor-rounding pool has exactly the windows that make x [N, C, H, W] into y [N, C, I, J]: ours before,
 * and after only as far as the last window reaches. So neither a ceil-mode pool nor PyTorch's rule for its last window need a ceil
 * mode elsewhere.
 */
export function reach(x: Shape, y: Shape, { kernel, stride, padding: [top, , , left] }: PoolAttrs): Box {
  const after = (axis: 0 | 1, before: number): number =>
    Math.max(0, ((y[2 + axis] as number) - 1) * stride[axis] + kernel[axis] - before - (x[2 + axis] as number));
  return [top, after(1, left), after(0, top), left];
}

/** [N, C, H, W] grown by a padding. */
export function padded([N, C, H, W]: Shape, [top, right, bottom, left]: Box): Shape {
  return [N as number, C as number, (H as number) + top + bottom, (W as number) + left + right];
}

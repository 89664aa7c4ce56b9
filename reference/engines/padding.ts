import type { Box, Conv2dAttrs, Pair, PoolAttrs } from '../../src/ops/op.js';
import type { Shape } from '../../src/tensor.js';

/** Other engines round and pad in their own ways; these say our windows in their terms. Shapes are NCHW. */

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

/** Whether a convolution's padding is what TensorFlow calls 'same': ⌈extent / stride⌉ outputs, the odd cell after. */
export function isSame(x: Shape, kernel: Pair, { stride, padding: [top, right, bottom, left], dilation }: Conv2dAttrs): boolean {
  const axis = (a: 0 | 1, before: number, after: number): boolean => {
    const extent = x[2 + a] as number;
    const span = dilation[a] * (kernel[a] - 1) + 1;
    const total = Math.max(0, (Math.ceil(extent / stride[a]) - 1) * stride[a] + span - extent);
    return before === Math.floor(total / 2) && after === total - before;
  };
  return axis(0, top, bottom) && axis(1, left, right);
}

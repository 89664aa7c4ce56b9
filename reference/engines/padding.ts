import type { Conv2dAttrs, Pair } from '../../src/ops/op.js';
import type { Shape } from '../../src/tensor.js';

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

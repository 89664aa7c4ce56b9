import { ShapeError } from '../errors.js';
import { dims4, type Shape } from '../tensor.js';
import type { AvgPoolAttrs, Box, Conv2dAttrs, PoolAttrs } from './op.js';

/** Which extent of a plane: 0 vertical, 1 horizontal. */
type Axis = 0 | 1;

/** The padding [before, after] along one axis. */
const pads = ([top, right, bottom, left]: Box, axis: Axis): readonly [number, number] => (axis === 0 ? [top, bottom] : [left, right]);

/** Output extent of a convolution along one axis: floor((n + pads - d(k - 1) - 1) / s) + 1. */
export function convExtent(extent: number, kernel: number, { stride, padding, dilation }: Conv2dAttrs, axis: Axis): number {
  const [before, after] = pads(padding, axis);
  return Math.floor((extent + before + after - dilation[axis] * (kernel - 1) - 1) / stride[axis]) + 1;
}

/**
 * Output extent of a pool along one axis. In ceil mode a last window that would start at or beyond the
 * image's end plus its leading padding is dropped (PyTorch; docs/spec/zoo.md §1.3).
 */
export function poolExtent(extent: number, { kernel, stride, padding, rounding }: PoolAttrs, axis: Axis): number {
  const [before, after] = pads(padding, axis);
  const steps = (extent + before + after - kernel[axis]) / stride[axis];
  if (rounding === 'floor') return Math.floor(steps) + 1;
  const ceiled = Math.ceil(steps) + 1;
  return (ceiled - 1) * stride[axis] >= extent + before ? ceiled - 1 : ceiled;
}

/** [N, C, I, J] of a pool over x. @throws ShapeError where a window would lie in padding alone, or nothing is left. */
export function poolShape(op: string, x: Shape, attrs: PoolAttrs): Shape {
  const [N, C, H, W] = dims4(x);
  const { kernel, stride, padding } = attrs;
  const [top, right, bottom, left] = padding;
  if (Math.min(...kernel, ...stride) < 1 || Math.min(...padding) < 0)
    throw new ShapeError(`${op}: kernel and stride start at 1, padding at 0`, { kernel, stride, padding });
  if (Math.max(top, bottom) >= kernel[0] || Math.max(left, right) >= kernel[1])
    throw new ShapeError(`${op}: padding must be smaller than the kernel`, { kernel, padding });
  const y = [N, C, poolExtent(H, attrs, 0), poolExtent(W, attrs, 1)];
  if (Math.min(...y) < 1) throw new ShapeError(`${op}: the window is larger than the padded plane`, { x, kernel, padding });
  return y;
}

/** The cells [from, to) of the padded plane that window `index` lies over; −1 is the last cell of the padding before the image. */
function paddedRange(index: number, extent: number, { kernel, stride, padding }: PoolAttrs, axis: Axis): readonly [number, number] {
  const [before, after] = pads(padding, axis);
  const start = index * stride[axis] - before;
  return [start, Math.min(start + kernel[axis], extent + after)];
}

/** The cells [from, to) of the image that window `index` covers along an axis of `extent` cells. */
export function windowRange(index: number, extent: number, attrs: PoolAttrs, axis: Axis): readonly [number, number] {
  const [from, to] = paddedRange(index, extent, attrs, axis);
  return [Math.max(from, 0), Math.min(to, extent)];
}

/** How many cells an average divides by along one axis (see AvgPoolAttrs). A window never counts cells beyond the padding. */
export function divisorExtent(index: number, extent: number, attrs: AvgPoolAttrs, axis: Axis): number {
  const [from, to] = (attrs.divisor === 'inside' ? windowRange : paddedRange)(index, extent, attrs, axis);
  return to - from;
}

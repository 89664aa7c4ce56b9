import { at4, dims4, operands, type Shape, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpAttrs, type OpDef } from './op.js';
import { roiAt, roiShape } from './roi.js';

/** To the nearest whole number, halves away from zero, as C's `round`. */
function rounded(value: number): number {
  const whole = Math.trunc(value);
  return Math.abs(value - whole) >= 0.5 ? whole + Math.sign(value) : whole;
}

/** The cells [from, to) of each bin along one axis. Bins overlap where the side is no multiple of their number; beyond the map there are none. */
function windowsOf(from: number, to: number, bins: number, extent: number, scale: number): readonly (readonly [number, number])[] {
  const start = rounded(from * scale);
  const bin = Math.max(rounded(to * scale) - start + 1, 1) / bins;
  const inside = (cell: number): number => Math.min(Math.max(cell, 0), extent);
  return Array.from({ length: bins }, (_, p) => [inside(Math.floor(p * bin) + start), inside(Math.ceil((p + 1) * bin) + start)]);
}

function infer(inputs: readonly Shape[], { output }: OpAttrs['roiPool']): Shape {
  return roiShape('roiPool', operands('roiPool', inputs, 2), output);
}

/**
 * y[r, c, p, q] = the largest value of x in bin p, q of region r (Girshick 2015, arXiv:1504.08083, §2.1, as torchvision 0.14 computes it).
 *
 * Operands are x [N, C, H, W] and rois [R, 6], rows as roiAlign's, of map 0. Corners are rounded to cells, and belong to the region; an empty bin is 0.
 */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['roiPool']): Tensor {
  const [x, rois] = operands('roiPool', inputs, 2);
  const shape = infer([x.shape, rois.shape], attrs);
  const y = zerosLike(x, shape);
  const [N, , H, W] = dims4(x.shape);
  const [R, C, P, Q] = dims4(shape);
  for (let r = 0; r < R; r++) {
    const roi = roiAt('roiPool', rois, r, [attrs.scale], N);
    if (roi === undefined) continue;
    const rows = windowsOf(roi.y1, roi.y2, P, H, attrs.scale);
    const columns = windowsOf(roi.x1, roi.x2, Q, W, attrs.scale);
    let out = r * C * P * Q;
    for (let c = 0; c < C; c++)
      for (const [h0, h1] of rows)
        for (const [w0, w1] of columns) {
          let largest = h1 > h0 && w1 > w0 ? -Infinity : 0;
          for (let h = h0; h < h1; h++) for (let w = w0; w < w1; w++) largest = Math.max(largest, at4(x, roi.image, c, h, w));
          y.data[out++] = largest;
        }
  }
  return y;
}

/** Of inference only: detectors are not trained here. */
export const roiPool: OpDef<'roiPool'> = { infer, macs: noMacs };

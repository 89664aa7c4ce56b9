import { ShapeError } from '../errors.js';
import { dims4, operands, type Shape, sizeOf, type Tensor, zerosLike } from '../tensor.js';
import type { OpAttrs, OpDef } from './op.js';

function infer(inputs: readonly Shape[], { groups, plane, stride, padding, dilation }: OpAttrs['convTranspose2d']): Shape {
  const [x, w] = operands('convTranspose2d', inputs, 2);
  const [N, C] = dims4(x);
  const [filters, Og] = dims4(w);
  if (filters !== C || C % groups !== 0) throw new ShapeError(`convTranspose2d with groups ${groups}`, { x, w });
  if (Math.min(...stride, ...dilation, ...plane) < 1 || Math.min(...padding) < 0)
    throw new ShapeError('convTranspose2d: stride, dilation and plane start at 1, padding at 0', { stride, dilation, plane, padding });
  return [N, Og * groups, ...plane];
}

/**
 * What a convolution does to its input's gradient (Dumoulin & Visin 2016, arXiv:1603.07285, §4), of x [N, C, H, W] with w [C, O/G, P, Q]:
 *
 *   y[n, o, i, j] = Σ  w[c, o mod O/G, p, q] · x[n, c, h, w]   over c of o's group and i = h·s + p·d − top, j = w·s + q·d − left
 *
 * of which a plane of the given extents is kept.
 */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['convTranspose2d']): Tensor {
  const [x, w] = operands('convTranspose2d', inputs, 2);
  const shape = infer([x.shape, w.shape], attrs);
  const {
    stride: [sh, sw],
    padding: [top, , , left],
    dilation: [dh, dw],
    groups,
  } = attrs;
  const [N, C, H, W] = dims4(x.shape);
  const [, Og, P, Q] = dims4(w.shape);
  const [, O, I, J] = dims4(shape);
  const sums = new Float64Array(sizeOf(shape));
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++) {
      const first = Math.floor(c / (C / groups)) * Og;
      for (let h = 0; h < H; h++)
        for (let v = 0; v < W; v++) {
          const value = x.data[((n * C + c) * H + h) * W + v] as number;
          for (let o = 0; o < Og; o++)
            for (let p = 0; p < P; p++) {
              const i = h * sh + p * dh - top;
              if (i < 0 || i >= I) continue;
              for (let q = 0; q < Q; q++) {
                const j = v * sw + q * dw - left;
                if (j < 0 || j >= J) continue;
                const at = ((n * O + first + o) * I + i) * J + j;
                sums[at] = (sums[at] as number) + value * (w.data[((c * Og + o) * P + p) * Q + q] as number);
              }
            }
        }
    }
  const y = zerosLike(x, shape);
  y.data.set(sums);
  return y;
}

/** Of inference only. */
export const convTranspose2d: OpDef<'convTranspose2d'> = {
  infer,
  /** One product a weight of its channel for each value of x; what the plane leaves out counts. */
  macs: ([x, w]) => sizeOf(x as Shape) * (sizeOf(w as Shape) / dims4(w as Shape)[0]),
};

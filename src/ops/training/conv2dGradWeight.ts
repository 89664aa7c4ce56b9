import { ShapeError } from '../../errors.js';
import { at4, dims4, operands, type Shape, sameShape, type Tensor, zerosLike } from '../../tensor.js';
import { conv2d } from '../conv2d.js';
import type { OpAttrs, OpDef } from '../op.js';

function infer(inputs: readonly Shape[], attrs: OpAttrs['conv2dGradWeight']): Shape {
  const [x, dy] = operands('conv2dGradWeight', inputs, 2);
  const w = [dims4(dy)[1], dims4(x)[1] / attrs.groups, ...attrs.kernel];
  if (!sameShape(conv2d.infer([x, w], attrs), dy)) throw new ShapeError('conv2dGradWeight', { x, w, dy });
  return w;
}

/**
 * The cotangent of conv2d's w, from x [N, C, H, W] and dy [N, O, I, J]: each weight's products, summed over images and pixels.
 *
 *   dw[o, c, p, q] = Σ_n Σ_i Σ_j  dy[n, o, i, j] · x[n, ⌊o / (O/G)⌋·C/G + c, i·s + p·d − top, j·s + q·d − left]
 */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['conv2dGradWeight']): Tensor {
  const [x, dy] = operands('conv2dGradWeight', inputs, 2);
  const dw = zerosLike(x, infer([x.shape, dy.shape], attrs));
  const {
    stride: [sh, sw],
    padding: [top, , , left],
    dilation: [dh, dv],
    groups: G,
  } = attrs;
  const [O, Cg, P, Q] = dims4(dw.shape);
  const [N, , I, J] = dims4(dy.shape);
  let out = 0;
  for (let o = 0; o < O; o++) {
    const c0 = Math.floor(o / (O / G)) * Cg;
    for (let c = 0; c < Cg; c++)
      for (let p = 0; p < P; p++)
        for (let q = 0; q < Q; q++) {
          let sum = 0;
          for (let n = 0; n < N; n++)
            for (let i = 0; i < I; i++)
              for (let j = 0; j < J; j++) sum += at4(dy, n, o, i, j) * at4(x, n, c0 + c, i * sh + p * dh - top, j * sw + q * dv - left);
          dw.data[out++] = sum;
        }
  }
  return dw;
}

export const conv2dGradWeight: OpDef<'conv2dGradWeight'> = {
  infer,
  /** The products of the convolution itself. */
  macs: ([x, dy], w, attrs) => conv2d.macs([x as Shape, w], dy as Shape, attrs),
};

import { ShapeError } from '../../errors.js';
import { at4, dims4, operands, type Shape, sameShape, type Tensor, zerosLike } from '../../tensor.js';
import { conv2d } from '../conv2d.js';
import type { OpAttrs, OpDef } from '../op.js';

function infer(inputs: readonly Shape[], attrs: OpAttrs['conv2dGradInput']): Shape {
  const [w, dy] = operands('conv2dGradInput', inputs, 2);
  const x = [dims4(dy)[0], dims4(w)[1] * attrs.groups, ...attrs.plane];
  if (!sameShape(conv2d.infer([x, w], attrs), dy)) throw new ShapeError('conv2dGradInput', { x, w, dy });
  return x;
}

/**
 * The cotangent of conv2d's x, from w [O, C/G, P, Q] and dy [N, O, I, J]: a convolution's transpose (Dumoulin & Visin 2016, arXiv:1603.07285, §4).
 *
 *   dx[n, c, h, w] = Σ_o Σ_p Σ_q  w[o, c mod C/G, p, q] · dy[n, o, (h + top − p·d) / s, (w + left − q·d) / s]
 *
 * over the outputs o of c's group, and where both quotients are whole; dy = 0 outside its bounds.
 */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['conv2dGradInput']): Tensor {
  const [w, dy] = operands('conv2dGradInput', inputs, 2);
  const dx = zerosLike(dy, infer([w.shape, dy.shape], attrs));
  const {
    stride: [sh, sw],
    padding: [top, , , left],
    dilation: [dh, dw],
    groups: G,
  } = attrs;
  const [N, C, H, W] = dims4(dx.shape);
  const [O, Cg, P, Q] = dims4(w.shape);
  let out = 0;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++) {
      const o0 = Math.floor(c / Cg) * (O / G);
      for (let h = 0; h < H; h++)
        for (let v = 0; v < W; v++) {
          let sum = 0;
          for (let p = 0; p < P; p++) {
            if ((h + top - p * dh) % sh !== 0) continue;
            for (let q = 0; q < Q; q++) {
              if ((v + left - q * dw) % sw !== 0) continue;
              const [i, j] = [(h + top - p * dh) / sh, (v + left - q * dw) / sw];
              for (let o = o0; o < o0 + O / G; o++) sum += at4(w, o, c % Cg, p, q) * at4(dy, n, o, i, j);
            }
          }
          dx.data[out++] = sum;
        }
    }
  return dx;
}

export const conv2dGradInput: OpDef<'conv2dGradInput'> = {
  infer,
  /** The products of the convolution itself: each weight meets each output value once. */
  macs: ([w, dy], x, attrs) => conv2d.macs([x, w as Shape], dy as Shape, attrs),
};

import { ShapeError } from '../errors.js';
import { at4, dims4, type Shape, sizeOf, type Tensor, zerosLike } from '../tensor.js';
import type { Conv2dAttrs, OpDef, Value, Vjp } from './op.js';
import { convExtent } from './window.js';

function infer(inputs: readonly Shape[], attrs: Conv2dAttrs): Shape {
  const [x, w] = inputs as readonly [Shape, Shape];
  if (inputs.length < 2 || inputs.length > 3) throw new ShapeError('conv2d takes x, w and maybe a bias', { operands: [inputs.length] });
  const [N, C, H, W] = dims4(x);
  const [O, Cg, P, Q] = dims4(w);
  const { groups, stride, padding, dilation } = attrs;
  if (groups < 1 || Cg * groups !== C || O % groups !== 0) throw new ShapeError(`conv2d with groups ${groups}`, { x, w });
  if (Math.min(...stride, ...dilation) < 1 || Math.min(...padding) < 0)
    throw new ShapeError('conv2d: stride and dilation start at 1, padding at 0', { stride, dilation, padding });
  const bias = inputs[2];
  if (bias && (bias.length !== 1 || bias[0] !== O)) throw new ShapeError('conv2d: one bias an output channel', { w, bias });
  const y = [N, O, convExtent(H, P, attrs, 0), convExtent(W, Q, attrs, 1)];
  if (Math.min(...y) < 1) throw new ShapeError('conv2d: the kernel is larger than the padded plane', { x, w, padding });
  return y;
}

/**
 * 2-D cross-correlation of x [N, C, H, W] with w [O, C/G, P, Q] and bias b [O] (Dumoulin & Visin 2016, arXiv:1603.07285, §2):
 *
 *   y[n, o, i, j] = b[o] + Σ_c Σ_p Σ_q  w[o, c, p, q] · x[n, ⌊o / (O/G)⌋·C/G + c, i·s + p·d − top, j·s + q·d − left]
 *
 * with x = 0 outside its bounds.
 */
export function forward(inputs: readonly Tensor[], attrs: Conv2dAttrs): Tensor {
  const [x, w, bias] = inputs as readonly [Tensor, Tensor, Tensor?];
  const y = zerosLike(
    x,
    infer(
      inputs.map((input) => input.shape),
      attrs,
    ),
  );
  const {
    stride: [sh, sw],
    padding: [top, , , left],
    dilation: [dh, dw],
    groups: G,
  } = attrs;
  const [O, Cg, P, Q] = dims4(w.shape);
  const [N, , I, J] = dims4(y.shape);
  let out = 0;
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++) {
      const c0 = Math.floor(o / (O / G)) * Cg;
      for (let i = 0; i < I; i++)
        for (let j = 0; j < J; j++) {
          let sum = bias ? (bias.data[o] as number) : 0;
          for (let c = 0; c < Cg; c++)
            for (let p = 0; p < P; p++)
              for (let q = 0; q < Q; q++) sum += at4(w, o, c, p, q) * at4(x, n, c0 + c, i * sh + p * dh - top, j * sw + q * dw - left);
          y.data[out++] = sum;
        }
    }
  return y;
}

export const conv2d: OpDef<'conv2d'> = {
  infer,
  /** Every output value sums one product a weight of its output channel; padding counts, as everywhere in the field. */
  macs: ([, w], y) => sizeOf(y) * (sizeOf(w as Shape) / dims4(w as Shape)[0]),
};

export const vjp: Vjp<'conv2d'> = ({ attrs, inputs, dy }) => {
  const [x, w, bias] = inputs as readonly [Value, Value, Value?];
  const [, , H, W] = dims4(x.shape);
  const [, , P, Q] = dims4(w.shape);
  const dx = dy.graph.emit('conv2dGradInput', [w, dy], { ...attrs, plane: [H, W] });
  const dw = dy.graph.emit('conv2dGradWeight', [x, dy], { ...attrs, kernel: [P, Q] });
  return bias ? [dx, dw, dy.graph.emit('channelSum', [dy], {})] : [dx, dw];
};

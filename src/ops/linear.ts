import { ShapeError } from '../errors.js';
import { dims2, type Shape, sizeOf, type Tensor, zerosLike } from '../tensor.js';
import type { OpDef } from './op.js';

function infer(inputs: readonly Shape[]): Shape {
  const [x, w, bias] = inputs as readonly [Shape, Shape, Shape?];
  if (inputs.length < 2 || inputs.length > 3) throw new ShapeError('linear takes x, w and maybe a bias', { operands: [inputs.length] });
  const [N, C] = dims2(x);
  const [O] = w;
  const flat = w.length === 2 || (w.length === 4 && w[2] === 1 && w[3] === 1);
  if (!flat || O === undefined || w[1] !== C) throw new ShapeError('linear: weights are [O, C] or [O, C, 1, 1]', { x, w });
  if (bias && (bias.length !== 1 || bias[0] !== O)) throw new ShapeError('linear: one bias an output', { w, bias });
  return [N, O];
}

/**
 * y[n, o] = b[o] + Σ_c w[o, c] · x[n, c] for x [N, C], w [O, C] and b [O].
 * Weights may also be [O, C, 1, 1]: checkpoints store the SE block's two layers both ways (checkpoints.md, §2).
 */
function forward(inputs: readonly Tensor[]): Tensor {
  const [x, w, bias] = inputs as readonly [Tensor, Tensor, Tensor?];
  const y = zerosLike(x, infer(inputs.map((input) => input.shape)));
  const [N, O] = dims2(y.shape);
  const C = sizeOf(w.shape) / O;
  for (let n = 0; n < N; n++)
    for (let o = 0; o < O; o++) {
      let sum = bias ? (bias.data[o] as number) : 0;
      for (let c = 0; c < C; c++) sum += (w.data[o * C + c] as number) * (x.data[n * C + c] as number);
      y.data[n * O + o] = sum;
    }
  return y;
}

export const linear: OpDef<'linear'> = {
  infer,
  forward,
  macs: ([, w], [N]) => (N as number) * sizeOf(w as Shape),
};

import { ShapeError } from '../errors.js';
import { dims2, dims4, type Shape, sameShape, sizeOf, type Tensor, zerosLike } from '../tensor.js';
import type { OpDef, Value, Vjp } from './op.js';

function infer(inputs: readonly Shape[]): Shape {
  const [x, w, bias] = inputs as readonly [Shape, Shape, Shape?];
  if (inputs.length < 2 || inputs.length > 3) throw new ShapeError('linear takes x, w and maybe a bias', { operands: [inputs.length] });
  const [N, ...row] = x.length === 4 ? dims4(x) : dims2(x);
  const [O, ...filter] = w;
  const plane = row.length === 1 ? [...row, 1, 1] : row;
  if (O === undefined || !(sameShape(filter, [sizeOf(row)]) || sameShape(filter, plane)))
    throw new ShapeError('linear: weights are [O, C·H·W] or [O, C, H, W]', { x, w });
  if (bias && (bias.length !== 1 || bias[0] !== O)) throw new ShapeError('linear: one bias an output', { w, bias });
  return [N, O];
}

/**
 * y[n, o] = b[o] + Σ_c w[o, c] · x[n, c] for x [N, C], w [O, C] and b [O]; an x [N, C, H, W] is read as [N, C·H·W].
 * Weights may also be [O, C, H, W], as a convolution's over the whole plane: checkpoints store the SE block's two layers and VGG's head both
 * ways (docs/spec/checkpoints.md §2.2).
 */
export function forward(inputs: readonly Tensor[]): Tensor {
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
  macs: ([, w], [N]) => (N as number) * sizeOf(w as Shape),
};

export const vjp: Vjp<'linear'> = ({ inputs, dy }) => {
  const [x, w, bias] = inputs as readonly [Value, Value, Value?];
  const dx = dy.graph.emit('linearGradInput', [w, dy], { shape: x.shape });
  const dw = dy.graph.emit('linearGradWeight', [x, dy], { shape: w.shape });
  return bias ? [dx, dw, dy.graph.emit('channelSum', [dy], {})] : [dx, dw];
};

import { ShapeError } from '../../errors.js';
import { dims2, operands, type Shape, sameShape, sizeOf, type Tensor, zerosLike } from '../../tensor.js';
import { linear } from '../linear.js';
import type { OpAttrs, OpDef } from '../op.js';

function infer(inputs: readonly Shape[], { shape }: OpAttrs['linearGradInput']): Shape {
  const [w, dy] = operands('linearGradInput', inputs, 2);
  if (!sameShape(linear.infer([shape, w], {}), dy)) throw new ShapeError('linearGradInput', { x: shape, w, dy });
  return shape;
}

/** The cotangent of linear's x: dx[n, c] = Σ_o w[o, c] · dy[n, o], in x's shape, which may be [N, C, H, W]. */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['linearGradInput']): Tensor {
  const [w, dy] = operands('linearGradInput', inputs, 2);
  const dx = zerosLike(dy, infer([w.shape, dy.shape], attrs));
  const [N, O] = dims2(dy.shape);
  const C = dx.data.length / N;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++) {
      let sum = 0;
      for (let o = 0; o < O; o++) sum += (w.data[o * C + c] as number) * (dy.data[n * O + o] as number);
      dx.data[n * C + c] = sum;
    }
  return dx;
}

export const linearGradInput: OpDef<'linearGradInput'> = {
  infer,
  macs: ([w], [N]) => (N as number) * sizeOf(w as Shape),
};

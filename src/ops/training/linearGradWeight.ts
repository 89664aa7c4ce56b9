import { ShapeError } from '../../errors.js';
import { dims2, operands, type Shape, sameShape, sizeOf, type Tensor, zerosLike } from '../../tensor.js';
import { linear } from '../linear.js';
import type { OpAttrs, OpDef } from '../op.js';

function infer(inputs: readonly Shape[], { shape }: OpAttrs['linearGradWeight']): Shape {
  const [x, dy] = operands('linearGradWeight', inputs, 2);
  if (!sameShape(linear.infer([x, shape], {}), dy)) throw new ShapeError('linearGradWeight', { x, w: shape, dy });
  return shape;
}

/** The cotangent of linear's w: dw[o, c] = Σ_n dy[n, o] · x[n, c], in w's shape. */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['linearGradWeight']): Tensor {
  const [x, dy] = operands('linearGradWeight', inputs, 2);
  const dw = zerosLike(x, infer([x.shape, dy.shape], attrs));
  const [N, O] = dims2(dy.shape);
  const C = x.data.length / N;
  for (let o = 0; o < O; o++)
    for (let c = 0; c < C; c++) {
      let sum = 0;
      for (let n = 0; n < N; n++) sum += (dy.data[n * O + o] as number) * (x.data[n * C + c] as number);
      dw.data[o * C + c] = sum;
    }
  return dw;
}

export const linearGradWeight: OpDef<'linearGradWeight'> = {
  infer,
  macs: ([x], w) => ((x as Shape)[0] as number) * sizeOf(w),
};

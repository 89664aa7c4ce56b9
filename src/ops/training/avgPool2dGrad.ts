import { ShapeError } from '../../errors.js';
import { dims4, operands, rounded, type Shape, sameShape, type Tensor } from '../../tensor.js';
import { noMacs, type OpAttrs, type OpDef } from '../op.js';
import { divisorExtent, poolShape, windowRange } from '../window.js';

function infer(inputs: readonly Shape[], attrs: OpAttrs['avgPool2dGrad']): Shape {
  const [dy] = operands('avgPool2dGrad', inputs, 1);
  const [N, C] = dims4(dy);
  const x = [N, C, ...attrs.plane];
  if (!sameShape(poolShape('avgPool2dGrad', x, attrs), dy)) throw new ShapeError('avgPool2dGrad', { x, dy });
  return x;
}

/** dx[n, c, h, w] = Σ dy[n, c, i, j] / divisor over the windows that h, w lies in. */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['avgPool2dGrad']): Tensor {
  const [dy] = operands('avgPool2dGrad', inputs, 1);
  const shape = infer([dy.shape], attrs);
  const [N, C, H, W] = dims4(shape);
  const [, , I, J] = dims4(dy.shape);
  const sums = new Float64Array(N * C * H * W);
  let out = 0;
  for (let nc = 0; nc < N * C; nc++)
    for (let i = 0; i < I; i++)
      for (let j = 0; j < J; j++) {
        const [h0, h1] = windowRange(i, H, attrs, 0);
        const [w0, w1] = windowRange(j, W, attrs, 1);
        const share = (dy.data[out++] as number) / (divisorExtent(i, H, attrs, 0) * divisorExtent(j, W, attrs, 1));
        for (let h = h0; h < h1; h++)
          for (let w = w0; w < w1; w++) {
            const at = (nc * H + h) * W + w;
            sums[at] = (sums[at] as number) + share;
          }
      }
  return rounded(dy, shape, sums);
}

export const avgPool2dGrad: OpDef<'avgPool2dGrad'> = { infer, macs: noMacs };

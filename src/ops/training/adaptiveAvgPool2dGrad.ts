import { dims4, operands, rounded, type Shape, type Tensor } from '../../tensor.js';
import { adaptiveRange } from '../adaptiveAvgPool2d.js';
import { noMacs, type OpAttrs, type OpDef } from '../op.js';

function infer(inputs: readonly Shape[], { plane }: OpAttrs['adaptiveAvgPool2dGrad']): Shape {
  const [N, C] = dims4(operands('adaptiveAvgPool2dGrad', inputs, 1)[0]);
  return [N, C, ...plane];
}

/** dx[n, c, h, w] = Σ dy[n, c, i, j] / cells over the windows that h, w lies in. */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['adaptiveAvgPool2dGrad']): Tensor {
  const [dy] = operands('adaptiveAvgPool2dGrad', inputs, 1);
  const shape = infer([dy.shape], attrs);
  const [N, C, H, W] = dims4(shape);
  const [, , I, J] = dims4(dy.shape);
  const sums = new Float64Array(N * C * H * W);
  let out = 0;
  for (let nc = 0; nc < N * C; nc++)
    for (let i = 0; i < I; i++)
      for (let j = 0; j < J; j++) {
        const [h0, h1] = adaptiveRange(i, I, H);
        const [w0, w1] = adaptiveRange(j, J, W);
        const share = (dy.data[out++] as number) / ((h1 - h0) * (w1 - w0));
        for (let h = h0; h < h1; h++)
          for (let w = w0; w < w1; w++) {
            const at = (nc * H + h) * W + w;
            sums[at] = (sums[at] as number) + share;
          }
      }
  return rounded(dy, shape, sums);
}

export const adaptiveAvgPool2dGrad: OpDef<'adaptiveAvgPool2dGrad'> = { infer, macs: noMacs };

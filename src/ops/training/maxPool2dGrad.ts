import { ShapeError } from '../../errors.js';
import { dims4, operands, rounded, type Shape, sameShape, type Tensor } from '../../tensor.js';
import { noMacs, type OpDef, type PoolAttrs } from '../op.js';
import { poolShape, windowRange } from '../window.js';

function infer(inputs: readonly Shape[], attrs: PoolAttrs): Shape {
  const [x, dy] = operands('maxPool2dGrad', inputs, 2);
  if (!sameShape(poolShape('maxPool2dGrad', x, attrs), dy)) throw new ShapeError('maxPool2dGrad', { x, dy });
  return x;
}

/** dx[n, c, h, w] = Σ dy[n, c, i, j] over the windows whose largest cell is h, w: the first of equal ones, row by row. */
export function forward(inputs: readonly Tensor[], attrs: PoolAttrs): Tensor {
  const [x, dy] = operands('maxPool2dGrad', inputs, 2);
  const shape = infer([x.shape, dy.shape], attrs);
  const [N, C, H, W] = dims4(shape);
  const [, , I, J] = dims4(dy.shape);
  const sums = new Float64Array(x.data.length);
  let out = 0;
  for (let nc = 0; nc < N * C; nc++)
    for (let i = 0; i < I; i++)
      for (let j = 0; j < J; j++) {
        const [h0, h1] = windowRange(i, H, attrs, 0);
        const [w0, w1] = windowRange(j, W, attrs, 1);
        let first = (nc * H + h0) * W + w0;
        for (let h = h0; h < h1; h++)
          for (let w = w0; w < w1; w++) {
            const at = (nc * H + h) * W + w;
            if ((x.data[at] as number) > (x.data[first] as number)) first = at;
          }
        sums[first] = (sums[first] as number) + (dy.data[out++] as number);
      }
  return rounded(x, shape, sums);
}

export const maxPool2dGrad: OpDef<'maxPool2dGrad'> = { infer, macs: noMacs };

import { at4, dims4, operands, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpDef, type PoolAttrs, type Value, type Vjp } from './op.js';
import { chosenIntegers } from './quantised/quantisation.js';
import { poolShape, windowRange } from './window.js';

/** y[n, c, i, j] = the largest x[n, c, h, w] of the window at (i·s − top, j·s − left); cells outside the image are ignored, not 0. */
export function forward(inputs: readonly Tensor[], attrs: PoolAttrs): Tensor {
  const [x] = operands('maxPool2d', inputs, 1);
  const y = zerosLike(x, poolShape('maxPool2d', x.shape, attrs));
  const [, , H, W] = dims4(x.shape);
  const [N, C, I, J] = dims4(y.shape);
  let out = 0;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (let i = 0; i < I; i++)
        for (let j = 0; j < J; j++) {
          const [h0, h1] = windowRange(i, H, attrs, 0);
          const [w0, w1] = windowRange(j, W, attrs, 1);
          let largest = -Infinity;
          for (let h = h0; h < h1; h++) for (let w = w0; w < w1; w++) largest = Math.max(largest, at4(x, n, c, h, w));
          y.data[out++] = largest;
        }
  return y;
}

export const maxPool2d: OpDef<'maxPool2d'> = {
  infer: (inputs, attrs) => poolShape('maxPool2d', operands('maxPool2d', inputs, 1)[0], attrs),
  integers: (inputs) => chosenIntegers('maxPool2d', inputs),
  macs: noMacs,
};

export const vjp: Vjp<'maxPool2d'> = ({ attrs, inputs: [x], dy }) => [dy.graph.emit('maxPool2dGrad', [x as Value, dy], attrs)];

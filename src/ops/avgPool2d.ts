import { at4, dims4, operands, type Tensor, zerosLike } from '../tensor.js';
import { type AvgPoolAttrs, noMacs, type OpDef, type Vjp } from './op.js';
import { divisorExtent, poolShape } from './window.js';

/** y[n, c, i, j] = Σ x[n, c, h, w] / divisor over the window at (i·s − top, j·s − left), x = 0 outside the image. */
export function forward(inputs: readonly Tensor[], attrs: AvgPoolAttrs): Tensor {
  const [x] = operands('avgPool2d', inputs, 1);
  const y = zerosLike(x, poolShape('avgPool2d', x.shape, attrs));
  const {
    kernel: [P, Q],
    stride: [sh, sw],
    padding: [top, , , left],
  } = attrs;
  const [, , H, W] = dims4(x.shape);
  const [N, C, I, J] = dims4(y.shape);
  let out = 0;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (let i = 0; i < I; i++)
        for (let j = 0; j < J; j++) {
          let sum = 0;
          for (let p = 0; p < P; p++) for (let q = 0; q < Q; q++) sum += at4(x, n, c, i * sh + p - top, j * sw + q - left);
          y.data[out++] = sum / (divisorExtent(i, H, attrs, 0) * divisorExtent(j, W, attrs, 1));
        }
  return y;
}

export const avgPool2d: OpDef<'avgPool2d'> = {
  infer: (inputs, attrs) => poolShape('avgPool2d', operands('avgPool2d', inputs, 1)[0], attrs),
  macs: noMacs,
};

export const vjp: Vjp<'avgPool2d'> = ({ attrs, inputs, dy }) => {
  const [, , H, W] = dims4(operands('avgPool2d', inputs, 1)[0].shape);
  return [dy.graph.emit('avgPool2dGrad', [dy], { ...attrs, plane: [H, W] })];
};

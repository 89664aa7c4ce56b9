import { ShapeError } from '../errors.js';
import { at4, dims4, operands, type Shape, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpAttrs, type OpDef, type Vjp } from './op.js';

/** The cells [from, to) of window `index` of `count` over `extent` cells: ⌊i·H/I⌋ to ⌈(i + 1)·H/I⌉, as PyTorch divides a plane. */
export function adaptiveRange(index: number, count: number, extent: number): readonly [number, number] {
  return [Math.floor((index * extent) / count), Math.ceil(((index + 1) * extent) / count)];
}

function infer(inputs: readonly Shape[], { output }: OpAttrs['adaptiveAvgPool2d']): Shape {
  const [N, C] = dims4(operands('adaptiveAvgPool2d', inputs, 1)[0]);
  if (!output.every((extent) => Number.isSafeInteger(extent) && extent >= 1))
    throw new ShapeError('adaptiveAvgPool2d: extents are whole numbers from 1', { output });
  return [N, C, ...output];
}

/** y[n, c, i, j] = the mean of x[n, c, ·, ·] over window i, j of I × J, which cover the plane and may overlap. */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['adaptiveAvgPool2d']): Tensor {
  const [x] = operands('adaptiveAvgPool2d', inputs, 1);
  const y = zerosLike(x, infer([x.shape], attrs));
  const [N, C, H, W] = dims4(x.shape);
  const [I, J] = attrs.output;
  let out = 0;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (let i = 0; i < I; i++)
        for (let j = 0; j < J; j++) {
          const [h0, h1] = adaptiveRange(i, I, H);
          const [w0, w1] = adaptiveRange(j, J, W);
          let sum = 0;
          for (let h = h0; h < h1; h++) for (let w = w0; w < w1; w++) sum += at4(x, n, c, h, w);
          y.data[out++] = sum / ((h1 - h0) * (w1 - w0));
        }
  return y;
}

export const adaptiveAvgPool2d: OpDef<'adaptiveAvgPool2d'> = {
  infer,
  macs: noMacs,
};

export const vjp: Vjp<'adaptiveAvgPool2d'> = ({ inputs, dy }) => {
  const [, , H, W] = dims4(operands('adaptiveAvgPool2d', inputs, 1)[0].shape);
  return [dy.graph.emit('adaptiveAvgPool2dGrad', [dy], { plane: [H, W] })];
};

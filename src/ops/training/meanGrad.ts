import { ShapeError } from '../../errors.js';
import { operands, type Shape, sameShape, sizeOf, type Tensor, zerosLike } from '../../tensor.js';
import { noMacs, type OpAttrs, type OpDef } from '../op.js';

function infer(inputs: readonly Shape[], { shape, axes }: OpAttrs['meanGrad']): Shape {
  const [dy] = operands('meanGrad', inputs, 1);
  const kept = axes.map((axis) => shape[axis] as number);
  if (!sameShape(dy, kept)) throw new ShapeError('meanGrad', { dy, kept, shape });
  return shape;
}

/** dx[i] = dy[those of i's coordinates that the mean kept] / n, n the number of values in one mean. */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['meanGrad']): Tensor {
  const [dy] = operands('meanGrad', inputs, 1);
  const dx = zerosLike(dy, infer([dy.shape], attrs));
  const n = dx.data.length / dy.data.length;
  const stride = attrs.shape.map((_, axis) => sizeOf(attrs.shape.slice(axis + 1)));
  for (let i = 0; i < dx.data.length; i++) {
    const at = attrs.axes.reduce((index, axis) => {
      const extent = attrs.shape[axis] as number;
      return index * extent + (Math.floor(i / (stride[axis] as number)) % extent);
    }, 0);
    dx.data[i] = (dy.data[at] as number) / n;
  }
  return dx;
}

export const meanGrad: OpDef<'meanGrad'> = { infer, macs: noMacs };

import { ShapeError } from '../errors.js';
import { operands, rounded, type Shape, sizeOf, type Tensor } from '../tensor.js';
import { eachOffset, repeatedStrides } from './broadcast.js';
import { noMacs, type OpAttrs, type OpDef } from './op.js';

function infer(inputs: readonly Shape[], { axes }: OpAttrs['reduce']): Shape {
  const [x] = operands('reduce', inputs, 1);
  if (!axes.every((axis, i) => axis < x.length && axes.indexOf(axis) === i))
    throw new ShapeError(`reduce over axes ${axes.join(', ')}`, { x });
  return x.map((extent, axis) => (axes.includes(axis) ? 1 : extent));
}

/** y = the sum, mean, largest or smallest of x along `axes`, which stay as extents of 1. */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['reduce']): Tensor {
  const [x] = operands('reduce', inputs, 1);
  const shape = infer([x.shape], attrs);
  const { reduction } = attrs;
  const start = reduction === 'max' ? -Infinity : reduction === 'min' ? Infinity : 0;
  const results = new Float64Array(sizeOf(shape)).fill(start);
  eachOffset(x.shape, [repeatedStrides(shape, x.shape)], (from, [to]) => {
    const [value, so] = [x.data[from] as number, results[to as number] as number];
    results[to as number] = reduction === 'max' ? Math.max(so, value) : reduction === 'min' ? Math.min(so, value) : so + value;
  });
  const count = sizeOf(x.shape) / sizeOf(shape);
  return rounded(x, shape, reduction === 'mean' ? results.map((sum) => sum / count) : results);
}

/** Of inference only. */
export const reduce: OpDef<'reduce'> = { infer, macs: noMacs };

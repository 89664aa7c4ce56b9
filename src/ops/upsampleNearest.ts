import { ShapeError } from '../errors.js';
import { at4, dims4, operands, type Shape, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpAttrs, type OpDef } from './op.js';
import { chosenIntegers } from './quantised/quantisation.js';

/** The cell of `extent` that cell `index` of `count` shows: in whole numbers, since a rounded scale leads to its neighbour now and then. */
export const nearestCell = (index: number, count: number, extent: number): number => Math.floor((index * extent) / count);

function infer(inputs: readonly Shape[], { output }: OpAttrs['upsampleNearest']): Shape {
  const [N, C] = dims4(operands('upsampleNearest', inputs, 1)[0]);
  if (!output.every((extent) => Number.isSafeInteger(extent) && extent >= 1))
    throw new ShapeError('upsampleNearest: extents are whole numbers from 1', { output });
  return [N, C, ...output];
}

/** y[n, c, i, j] = x[n, c, ⌊i·H/I⌋, ⌊j·W/J⌋], to any extents I × J: those of the map that a feature pyramid adds it to (Lin 2017, arXiv:1612.03144, §3). */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['upsampleNearest']): Tensor {
  const [x] = operands('upsampleNearest', inputs, 1);
  const y = zerosLike(x, infer([x.shape], attrs));
  const [, , H, W] = dims4(x.shape);
  const [N, C, I, J] = dims4(y.shape);
  let out = 0;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (let i = 0; i < I; i++) for (let j = 0; j < J; j++) y.data[out++] = at4(x, n, c, nearestCell(i, I, H), nearestCell(j, J, W));
  return y;
}

/** Of inference only: detectors are not trained here. */
export const upsampleNearest: OpDef<'upsampleNearest'> = {
  infer,
  integers: (inputs) => chosenIntegers('upsampleNearest', inputs),
  macs: noMacs,
};

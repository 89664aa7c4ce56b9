import { ShapeError } from '../errors.js';
import { type Shape, sameShape, sizeOf, type Tensor, zerosLike } from '../tensor.js';

/** Loops over [N, C, ...], and its values one channel [C] at a time: what batch norm and its gradients are made of. */

/** Checks that each vector has one value a channel of x. @returns C @throws ShapeError */
export function channelCount(op: string, x: Shape, vectors: Readonly<Record<string, Shape>> = {}): number {
  const [, C] = x;
  if (C === undefined || sizeOf(x) === 0) throw new ShapeError(`${op}: expected [N, C, ...], none of them 0`, { x });
  if (!Object.values(vectors).every((vector) => sameShape(vector, [C])))
    throw new ShapeError(`${op}: one value a channel`, { x, ...vectors });
  return C;
}

/** For each channel c, the sum of term(i, c) over the indices i of its values. */
export function channelTotals(shape: Shape, term: (i: number, c: number) => number): Float64Array {
  const [N, C] = shape as readonly [number, number];
  const plane = sizeOf(shape) / (N * C);
  const totals = new Float64Array(C);
  for (let n = 0, i = 0; n < N; n++)
    for (let c = 0; c < C; c++) for (let p = 0; p < plane; p++, i++) totals[c] = (totals[c] as number) + term(i, c);
  return totals;
}

/** f(i, c) at each index i of a tensor like x, c the channel it is in. */
export function mapChannels(x: Tensor, f: (i: number, c: number) => number): Tensor {
  const y = zerosLike(x, x.shape);
  const [N, C] = x.shape as readonly [number, number];
  const plane = y.data.length / (N * C);
  for (let n = 0, i = 0; n < N; n++) for (let c = 0; c < C; c++) for (let p = 0; p < plane; p++, i++) y.data[i] = f(i, c);
  return y;
}

import { ShapeError } from '../errors.js';
import { at4, dims4, operands, type Shape, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpAttrs, type OpDef, type Taps } from './op.js';

/** The most cells that one of the result is made of. */
export const mostTaps = (taps: Taps): number => Math.max(...taps.map((cells) => cells.length));

function infer(inputs: readonly Shape[], { rows, columns }: OpAttrs['resample']): Shape {
  const [x] = operands('resample', inputs, 1);
  const [N, C, H, W] = dims4(x);
  const inside = (taps: Taps, extent: number): boolean =>
    taps.length > 0 && taps.every((cells) => cells.length > 0 && cells.every(([cell]) => cell >= 0 && cell < extent));
  if (!inside(rows, H) || !inside(columns, W)) throw new ShapeError('resample: cells lie within the plane', { x });
  return [N, C, rows.length, columns.length];
}

/** y[n, c, i, j] = Σ_h Σ_w rows[i, h] · columns[j, w] · x[n, c, h, w]: a picture of another size, by weights along each axis. */
export function forward(inputs: readonly Tensor[], attrs: OpAttrs['resample']): Tensor {
  const [x] = operands('resample', inputs, 1);
  const y = zerosLike(x, infer([x.shape], attrs));
  const [N, C] = dims4(y.shape);
  let out = 0;
  for (let n = 0; n < N; n++)
    for (let c = 0; c < C; c++)
      for (const row of attrs.rows)
        for (const column of attrs.columns) {
          let sum = 0;
          for (const [h, down] of row) for (const [w, across] of column) sum += down * across * at4(x, n, c, h, w);
          y.data[out++] = sum;
        }
  return y;
}

/** Of inference only. */
export const resample: OpDef<'resample'> = { infer, macs: noMacs };

import { ShapeError } from '../errors.js';
import { dims4, operands, type Shape, type Tensor, zerosLike } from '../tensor.js';
import { broadcastShape } from './broadcast.js';
import type { OpDef } from './op.js';

function infer(inputs: readonly Shape[]): Shape {
  const [a, b] = operands('matMul', inputs, 2);
  const [, , M, K] = dims4(a);
  const [, , rows, L] = dims4(b);
  if (rows !== K) throw new ShapeError('matMul: as many rows as columns', { a, b });
  return [...broadcastShape('matMul', a.slice(0, 2), b.slice(0, 2)), M, L];
}

/** y[n, h, m, l] = Σ_k a[n, h, m, k] · b[n, h, k, l]: a product of matrices for each n and h, both of them values; one of a or of b serves all. */
export function forward(inputs: readonly Tensor[]): Tensor {
  const [a, b] = operands('matMul', inputs, 2);
  const y = zerosLike(a, infer([a.shape, b.shape]));
  const [N, H, M, L] = dims4(y.shape);
  const K = a.shape[3] as number;
  const matrix = ({ shape }: Tensor, n: number, h: number): number =>
    (shape[0] === 1 ? 0 : n) * (shape[1] as number) + (shape[1] === 1 ? 0 : h);
  let out = 0;
  for (let n = 0; n < N; n++)
    for (let h = 0; h < H; h++) {
      const [left, right] = [matrix(a, n, h) * M * K, matrix(b, n, h) * K * L];
      for (let m = 0; m < M; m++)
        for (let l = 0; l < L; l++) {
          let sum = 0;
          for (let k = 0; k < K; k++) sum += (a.data[left + m * K + k] as number) * (b.data[right + k * L + l] as number);
          y.data[out++] = sum;
        }
    }
  return y;
}

/** Of inference only. */
export const matMul: OpDef<'matMul'> = {
  infer,
  macs: ([a], [N, H, M, L]) => (N as number) * (H as number) * (M as number) * (L as number) * ((a as Shape)[3] as number),
};

import { ShapeError } from '../../errors.js';
import { dims2, operands, type Shape, sameShape, type Tensor, zerosLike } from '../../tensor.js';
import { noMacs, type OpDef } from '../op.js';
import { logSumExp } from './crossEntropy.js';

function infer(inputs: readonly Shape[]): Shape {
  const [x, t, dy] = operands('crossEntropyGrad', inputs, 3);
  if (!sameShape(x, t) || !sameShape(dy, [dims2(x)[0]])) throw new ShapeError('crossEntropyGrad', { x, t, dy });
  return x;
}

/** dx[n, k] = dy[n] · (softmax(x)[n, k] · Σ_j t[n, j] − t[n, k]); the targets of a class distribution sum to 1. */
export function forward(inputs: readonly Tensor[]): Tensor {
  const [x, t, dy] = operands('crossEntropyGrad', inputs, 3);
  const dx = zerosLike(x, x.shape);
  const [N, K] = dims2(x.shape);
  for (let n = 0; n < N; n++) {
    const row = x.data.subarray(n * K, (n + 1) * K);
    const targets = t.data.subarray(n * K, (n + 1) * K);
    const logSum = logSumExp(row);
    let total = 0;
    for (const target of targets) total += target;
    for (let k = 0; k < K; k++)
      dx.data[n * K + k] = (dy.data[n] as number) * (Math.exp((row[k] as number) - logSum) * total - (targets[k] as number));
  }
  return dx;
}

export const crossEntropyGrad: OpDef<'crossEntropyGrad'> = { infer, macs: noMacs };

import { ShapeError } from '../../errors.js';
import { dims2, operands, type Shape, sameShape, type Tensor, zerosLike } from '../../tensor.js';
import { noMacs, type OpDef, type Vjp } from '../op.js';

function infer(inputs: readonly Shape[]): Shape {
  const [x, t] = operands('crossEntropy', inputs, 2);
  if (!sameShape(x, t)) throw new ShapeError('crossEntropy: one target a logit', { x, t });
  return [dims2(x)[0]];
}

/** y[n] = −Σ_k t[n, k] · log softmax(x)[n, k] for logits x and targets t [N, K], natural logarithm; no gradient flows to the targets. */
export function forward(inputs: readonly Tensor[]): Tensor {
  const [x, t] = operands('crossEntropy', inputs, 2);
  const y = zerosLike(x, infer([x.shape, t.shape]));
  const [N, K] = dims2(x.shape);
  for (let n = 0; n < N; n++) {
    const row = x.data.subarray(n * K, (n + 1) * K);
    const logSum = logSumExp(row);
    let sum = 0;
    for (let k = 0; k < K; k++) sum += (t.data[n * K + k] as number) * (logSum - (row[k] as number));
    y.data[n] = sum;
  }
  return y;
}

/** log Σ_k e^x[k]; the largest is taken out first, which keeps every power at most 1. */
export function logSumExp(row: Tensor['data']): number {
  let largest = -Infinity;
  for (const value of row) largest = Math.max(largest, value);
  let sum = 0;
  for (const value of row) sum += Math.exp(value - largest);
  return largest + Math.log(sum);
}

export const crossEntropy: OpDef<'crossEntropy'> = {
  infer,
  macs: noMacs,
};

export const vjp: Vjp<'crossEntropy'> = ({ inputs, dy }) => {
  const [x, t] = operands('crossEntropy', inputs, 2);
  return [dy.graph.emit('crossEntropyGrad', [x, t, dy], {}), null];
};

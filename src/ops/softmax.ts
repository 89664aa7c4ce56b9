import { dims2, operands, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpDef, type Vjp } from './op.js';

/** y[n, c] = e^(x[n, c] − m) / Σ_k e^(x[n, k] − m) for x [N, C], m its row's largest value, which keeps every power at most 1. */
export function forward(inputs: readonly Tensor[]): Tensor {
  const [x] = operands('softmax', inputs, 1);
  const [N, C] = dims2(x.shape);
  const y = zerosLike(x, x.shape);
  for (let n = 0; n < N; n++) {
    const row = x.data.subarray(n * C, (n + 1) * C);
    let largest = -Infinity;
    for (const value of row) largest = Math.max(largest, value);
    let sum = 0;
    for (const value of row) sum += Math.exp(value - largest);
    for (let c = 0; c < C; c++) y.data[n * C + c] = Math.exp((row[c] as number) - largest) / sum;
  }
  return y;
}

export const softmax: OpDef<'softmax'> = {
  infer(inputs) {
    const [x] = operands('softmax', inputs, 1);
    dims2(x);
    return x;
  },
  macs: noMacs,
};

export const vjp: Vjp<'softmax'> = ({ y, dy }) => [dy.graph.emit('softmaxGrad', [y, dy], {})];

import { dims4, operands, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpDef, type Value, type Vjp } from './op.js';
import { chosenIntegers } from './quantised/quantisation.js';

/** z[n, c] = the largest u[n, c, h, w]: the other squeeze that Hu 2018 compares (table 11). NaN is larger than anything. */
export function forward(inputs: readonly Tensor[]): Tensor {
  const [u] = operands('globalMaxPool', inputs, 1);
  const [N, C, H, W] = dims4(u.shape);
  const z = zerosLike(u, [N, C]);
  for (let i = 0; i < N * C; i++) {
    let largest = -Infinity;
    for (let hw = 0; hw < H * W; hw++) largest = Math.max(largest, u.data[i * H * W + hw] as number);
    z.data[i] = largest;
  }
  return z;
}

export const globalMaxPool: OpDef<'globalMaxPool'> = {
  infer(inputs) {
    const [N, C] = dims4(operands('globalMaxPool', inputs, 1)[0]);
    return [N, C];
  },
  integers: (inputs) => chosenIntegers('globalMaxPool', inputs),
  macs: noMacs,
};

export const vjp: Vjp<'globalMaxPool'> = ({ inputs: [u], dy }) => [dy.graph.emit('globalMaxPoolGrad', [u as Value, dy], {})];

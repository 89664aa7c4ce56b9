import { dims4, operands, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpDef, type Value, type Vjp } from './op.js';

/** z[n, c] = 1/(H·W) Σ_h Σ_w u[n, c, h, w]: the squeeze (Hu 2018, eq. 2), and the pool before every classifier here. */
export function forward(inputs: readonly Tensor[]): Tensor {
  const [u] = operands('globalAvgPool', inputs, 1);
  const [N, C, H, W] = dims4(u.shape);
  const z = zerosLike(u, [N, C]);
  for (let i = 0; i < N * C; i++) {
    let sum = 0;
    for (let hw = 0; hw < H * W; hw++) sum += u.data[i * H * W + hw] as number;
    z.data[i] = sum / (H * W);
  }
  return z;
}

export const globalAvgPool: OpDef<'globalAvgPool'> = {
  infer(inputs) {
    const [N, C] = dims4(operands('globalAvgPool', inputs, 1)[0]);
    return [N, C];
  },
  macs: noMacs,
};

export const vjp: Vjp<'globalAvgPool'> = ({ inputs: [u], dy }) => [
  dy.graph.emit('meanGrad', [dy], { shape: (u as Value).shape, axes: [0, 1] }),
];

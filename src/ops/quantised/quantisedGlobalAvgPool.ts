import { dims4, operands } from '../../tensor.js';
import { globalAvgPool } from '../globalAvgPool.js';
import { type Forward, noMacs, type OpDef } from '../op.js';
import { expectIntegers, integersOf } from './quantisation.js';

export const quantisedGlobalAvgPool: OpDef<'quantisedGlobalAvgPool'> = {
  infer: (inputs) => globalAvgPool.infer(inputs, {}),
  integers(inputs, { u }) {
    expectIntegers('quantisedGlobalAvgPool', 'u', integersOf(u), inputs[0]);
    return undefined;
  },
  macs: noMacs,
};

/**
 * The squeeze of an 8-bit value (Hu 2018, eq. 2), to floats [N, C]: z = float32(float32(Σ (u − u.zeroPoint)) · float32(u.scale / (H·W))), the sum exact.
 */
export const forward: Forward<'quantisedGlobalAvgPool'> = (inputs, attrs) => {
  const [u] = operands('quantisedGlobalAvgPool', inputs, 1);
  const [N, C, H, W] = dims4(u.shape);
  const z = new Float32Array(N * C);
  const multiplier = Math.fround(attrs.u.scale / (H * W));
  for (let i = 0; i < N * C; i++) {
    let sum = 0;
    for (let hw = 0; hw < H * W; hw++) sum += (u.data[i * H * W + hw] as number) - attrs.u.zeroPoint;
    z[i] = Math.fround(sum) * multiplier;
  }
  return { shape: [N, C], data: z };
};

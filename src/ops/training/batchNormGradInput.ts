import { operands } from '../../tensor.js';
import { channelCount, mapChannels } from '../channels.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const batchNormGradInput: OpDef<'batchNormGradInput'> = {
  infer(inputs) {
    const [gamma, variance, dy] = operands('batchNormGradInput', inputs, 3);
    channelCount('batchNormGradInput', dy, { gamma, variance });
    return dy;
  },
  macs: noMacs,
};

/** The cotangent of batchNorm's x, with μ and σ² held: dx[n, c, ·] = γ[c] / √(σ²[c] + ε) · dy[n, c, ·]. */
export const forward: Forward<'batchNormGradInput'> = (inputs, { eps }) => {
  const [gamma, variance, dy] = operands('batchNormGradInput', inputs, 3);
  const factors = Float64Array.from(gamma.data, (g, c) => g / Math.sqrt((variance.data[c] as number) + eps));
  return mapChannels(dy, (i, c) => (factors[c] as number) * (dy.data[i] as number));
};

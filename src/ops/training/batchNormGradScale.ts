import { ShapeError } from '../../errors.js';
import { operands, rounded, sameShape } from '../../tensor.js';
import { channelCount, channelTotals } from '../channels.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const batchNormGradScale: OpDef<'batchNormGradScale'> = {
  infer(inputs) {
    const [x, mean, variance, dy] = operands('batchNormGradScale', inputs, 4);
    if (!sameShape(x, dy)) throw new ShapeError('batchNormGradScale', { x, dy });
    return [channelCount('batchNormGradScale', x, { mean, variance })];
  },
  macs: noMacs,
};

/** The cotangent of batchNorm's γ: dγ[c] = Σ dy[n, c, ·] · (x[n, c, ·] − μ[c]) / √(σ²[c] + ε). */
export const forward: Forward<'batchNormGradScale'> = (inputs, { eps }) => {
  const [x, mean, variance, dy] = operands('batchNormGradScale', inputs, 4);
  const sums = channelTotals(x.shape, (i, c) => (dy.data[i] as number) * ((x.data[i] as number) - (mean.data[c] as number)));
  return rounded(
    x,
    [sums.length],
    sums.map((sum, c) => sum / Math.sqrt((variance.data[c] as number) + eps)),
  );
};

import { ShapeError } from '../../errors.js';
import { operands, sameShape, zerosLike } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const batchNormGradMean: OpDef<'batchNormGradMean'> = {
  infer(inputs) {
    const [gamma, variance, dBeta] = operands('batchNormGradMean', inputs, 3);
    if (!sameShape(gamma, variance) || !sameShape(gamma, dBeta)) throw new ShapeError('batchNormGradMean', { gamma, variance, dBeta });
    return gamma;
  },
  macs: noMacs,
};

/** The cotangent of batchNorm's μ, from that of β: dμ[c] = −γ[c] / √(σ²[c] + ε) · dβ[c]. */
export const forward: Forward<'batchNormGradMean'> = (inputs, { eps }) => {
  const [gamma, variance, dBeta] = operands('batchNormGradMean', inputs, 3);
  const y = zerosLike(dBeta, dBeta.shape);
  for (let c = 0; c < y.data.length; c++)
    y.data[c] = (-(gamma.data[c] as number) / Math.sqrt((variance.data[c] as number) + eps)) * (dBeta.data[c] as number);
  return y;
};

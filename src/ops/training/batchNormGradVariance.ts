import { ShapeError } from '../../errors.js';
import { operands, sameShape, zerosLike } from '../../tensor.js';
import { type Forward, noMacs, type OpDef } from '../op.js';

export const batchNormGradVariance: OpDef<'batchNormGradVariance'> = {
  infer(inputs) {
    const [gamma, variance, dGamma] = operands('batchNormGradVariance', inputs, 3);
    if (!sameShape(gamma, variance) || !sameShape(gamma, dGamma))
      throw new ShapeError('batchNormGradVariance', { gamma, variance, dGamma });
    return gamma;
  },
  macs: noMacs,
};

/** The cotangent of batchNorm's σ², from that of γ: dσ²[c] = −½ · γ[c] / (σ²[c] + ε) · dγ[c]. */
export const forward: Forward<'batchNormGradVariance'> = (inputs, { eps }) => {
  const [gamma, variance, dGamma] = operands('batchNormGradVariance', inputs, 3);
  const y = zerosLike(dGamma, dGamma.shape);
  for (let c = 0; c < y.data.length; c++)
    y.data[c] = ((-0.5 * (gamma.data[c] as number)) / ((variance.data[c] as number) + eps)) * (dGamma.data[c] as number);
  return y;
};

import { operands, rounded } from '../../tensor.js';
import { channelCount, channelTotals } from '../channels.js';
import { type Forward, noMacs, type OpDef, type Vjp } from '../op.js';

export const channelVariance: OpDef<'channelVariance'> = {
  infer(inputs) {
    const [x, mean] = operands('channelVariance', inputs, 2);
    return [channelCount('channelVariance', x, { mean })];
  },
  macs: noMacs,
};

/**
 * σ²[c] = 1/n Σ (x[n, c, ·] − μ[c])² over a minibatch, n = N·H·W (Ioffe & Szegedy 2015, arXiv:1502.03167, alg. 1): the biased variance.
 * μ is x's channelMean and nothing else, so that ∂σ²/∂μ = −2/n Σ (x − μ) is 0.
 */
export const forward: Forward<'channelVariance'> = (inputs) => {
  const [x, mean] = operands('channelVariance', inputs, 2);
  const sums = channelTotals(x.shape, (i, c) => ((x.data[i] as number) - (mean.data[c] as number)) ** 2);
  const n = x.data.length / sums.length;
  return rounded(
    x,
    [sums.length],
    sums.map((sum) => sum / n),
  );
};

export const vjp: Vjp<'channelVariance'> = ({ inputs, dy }) => {
  const [x, mean] = operands('channelVariance', inputs, 2);
  return [dy.graph.emit('channelVarianceGrad', [x, mean, dy], {}), null];
};

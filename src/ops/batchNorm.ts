import { operands, type Shape, type Tensor } from '../tensor.js';
import { channelCount, mapChannels } from './channels.js';
import { noMacs, type OpAttrs, type OpDef, type Vjp } from './op.js';

function infer(inputs: readonly Shape[]): Shape {
  const [x, gamma, beta, mean, variance] = operands('batchNorm', inputs, 5);
  channelCount('batchNorm', x, { gamma, beta, mean, variance });
  return x;
}

/**
 * Inference-mode batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167, alg. 2) of x [N, C, ...] by γ, β, μ, σ² [C]:
 *
 *   y[n, c, ·] = (x[n, c, ·] − μ[c]) / √(σ²[c] + ε) · γ[c] + β[c]
 */
export function forward(inputs: readonly Tensor[], { eps }: OpAttrs['batchNorm']): Tensor {
  infer(inputs.map((input) => input.shape));
  const [x, gamma, beta, mean, variance] = operands('batchNorm', inputs, 5);
  const deviations = Float64Array.from(variance.data, (v) => Math.sqrt(v + eps));
  return mapChannels(x, (i, c) => {
    const normalised = ((x.data[i] as number) - (mean.data[c] as number)) / (deviations[c] as number);
    return normalised * (gamma.data[c] as number) + (beta.data[c] as number);
  });
}

export const batchNorm: OpDef<'batchNorm'> = {
  infer,
  macs: noMacs,
};

/** Ioffe & Szegedy 2015, §3: μ and σ² are operands, so that what x does through them is their own affair. */
export const vjp: Vjp<'batchNorm'> = ({ attrs, inputs, dy }) => {
  const [x, gamma, , mean, variance] = operands('batchNorm', inputs, 5);
  const { graph } = dy;
  const dGamma = graph.emit('batchNormGradScale', [x, mean, variance, dy], attrs);
  const dBeta = graph.emit('channelSum', [dy], {});
  return [
    graph.emit('batchNormGradInput', [gamma, variance, dy], attrs),
    dGamma,
    dBeta,
    graph.emit('batchNormGradMean', [gamma, variance, dBeta], attrs),
    graph.emit('batchNormGradVariance', [gamma, variance, dGamma], attrs),
  ];
};

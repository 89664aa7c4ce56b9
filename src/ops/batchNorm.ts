import { ShapeError } from '../errors.js';
import { operands, type Shape, type Tensor, zerosLike } from '../tensor.js';
import { noMacs, type OpDef } from './op.js';

function infer(inputs: readonly Shape[]): Shape {
  const [x, gamma, beta, mean, variance] = operands('batchNorm', inputs, 5);
  for (const p of [gamma, beta, mean, variance])
    if (p.length !== 1 || p[0] !== x[1]) throw new ShapeError('batchNorm: one value a channel', { x, gamma, beta, mean, variance });
  return x;
}

/**
 * Inference-mode batch normalisation (Ioffe & Szegedy 2015, arXiv:1502.03167, alg. 2) of x [N, C, ...] by γ, β, μ, σ² [C]:
 *
 *   y[n, c, ·] = (x[n, c, ·] − μ[c]) / √(σ²[c] + ε) · γ[c] + β[c]
 */
function forward(inputs: readonly Tensor[], { eps }: { readonly eps: number }): Tensor {
  infer(inputs.map((input) => input.shape));
  const [x, gamma, beta, mean, variance] = operands('batchNorm', inputs, 5);
  const y = zerosLike(x, x.shape);
  const [N, C] = x.shape as readonly [number, number];
  const plane = x.data.length / (N * C);
  for (let n = 0, at = 0; n < N; n++)
    for (let c = 0; c < C; c++) {
      const deviation = Math.sqrt((variance.data[c] as number) + eps);
      for (let i = 0; i < plane; i++, at++)
        y.data[at] =
          (((x.data[at] as number) - (mean.data[c] as number)) / deviation) * (gamma.data[c] as number) + (beta.data[c] as number);
    }
  return y;
}

export const batchNorm: OpDef<'batchNorm'> = {
  infer,
  forward,
  macs: noMacs,
  /** Ioffe & Szegedy 2015, §3: μ and σ² are operands, so that what x does through them is their own affair. */
  vjp({ attrs, inputs, dy }) {
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
  },
};

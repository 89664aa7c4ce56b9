import type { Tensor } from '../tensor.js';

/** Batch norm's four vectors and ε, as `batchNorm` takes them. */
export interface Norm {
  readonly gamma: Tensor;
  readonly beta: Tensor;
  readonly mean: Tensor;
  readonly variance: Tensor;
  readonly eps: number;
}

/**
 * Batch norm as one multiply-add a channel: y = factor[c]·x + shift[c], factor = γ/√(σ² + ε), shift = β + (b − μ)·factor.
 * In float64; the result is rounded once, when it is stored. Without a norm, factor is 1 and shift the bias.
 */
export function foldNorm(
  channels: number,
  norm: Norm | undefined,
  bias: Tensor | undefined,
): { readonly factor: Float64Array; readonly shift: Float64Array } {
  const factor = new Float64Array(channels).fill(1);
  const shift = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    const b = bias?.data[c] ?? 0;
    if (norm === undefined) {
      shift[c] = b;
      continue;
    }
    const f = (norm.gamma.data[c] as number) / Math.sqrt((norm.variance.data[c] as number) + norm.eps);
    factor[c] = f;
    shift[c] = (norm.beta.data[c] as number) + (b - (norm.mean.data[c] as number)) * f;
  }
  return { factor, shift };
}

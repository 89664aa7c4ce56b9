import type { PointwiseOp } from '../ops/op.js';

/**
 * The functions of kernels/activation.ts. The kernels know each by its place in this list; place 0 means none. From `sigmoid` on, f(0) is not 0: a kernel that applies
 * one of these sets a pixel's pads to 0 again.
 */
export const activations = [undefined, 'relu', 'relu6', 'hardSwish', 'silu', 'tanh', 'sigmoid', 'hardSigmoid'] as const satisfies readonly (
  | PointwiseOp
  | undefined
)[];
export type FusedActivation = (typeof activations)[number];

/** What may ride on a layer. Planes have pads, which must stay 0, so a convolution takes only functions with f(0) = 0. */
export const onLinear: readonly PointwiseOp[] = activations.filter((op) => op !== undefined);
export const onConv = onLinear.slice(0, onLinear.indexOf('sigmoid'));

/** Whether a lower limit of the sums is the whole function: the ReLU, or none. */
export const onlyClips = (activation: FusedActivation): boolean => activation === undefined || activation === 'relu';

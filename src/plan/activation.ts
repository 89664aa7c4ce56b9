import type { OpName } from '../ops/op.js';

/**
 * The functions that kernels/activation.ts knows, by their place here; 0 is none. Those from `sigmoid` on are not 0 at 0, so that whoever applies them
 * clears the pads again.
 */
export const activations = [undefined, 'relu', 'relu6', 'hardSwish', 'silu', 'tanh', 'sigmoid', 'hardSigmoid'] as const;
export type FusedActivation = (typeof activations)[number];

/** What may ride on a layer. On a convolution, whose planes have pads, only what leaves 0 where it is. */
export const onLinear: readonly OpName[] = activations.filter((op) => op !== undefined);
export const onConv = onLinear.slice(0, onLinear.indexOf('sigmoid'));

/** Whether sums clipped below are all that a function asks for: the ReLU, or none. */
export const onlyClips = (activation: FusedActivation): boolean => activation === undefined || activation === 'relu';

import { parameterOf } from '../graph/evaluate.js';
import { atLeast, flag, object, optional, share } from '../io/schema.js';
import { type Tensor, zerosLike } from '../tensor.js';
import { checkMap, checkStep, optionsOf } from './given.js';
import type { Stepped, Tensors, ToStep } from './optimiser.js';

export interface SgdOptions {
  /** Learning rate. It multiplies the buffer, so that a new rate also applies to the gradients gathered before (PyTorch's convention). */
  readonly lr: number;
  /** @defaultValue 0 */
  readonly momentum?: number;
  /** Added to the gradient, for every parameter. @defaultValue 0 */
  readonly weightDecay?: number;
  /** Sutskever 2013 (PMLR 28), as PyTorch rewrites it. @defaultValue false */
  readonly nesterov?: boolean;
}

/** A run's configuration has these too. */
export const sgdLimits = { momentum: optional(share, 0), nesterov: optional(flag, false), weightDecay: optional(atLeast(0), 0) };

/** Schedules may end at a rate of 0. */
const sgdOptions = object({ lr: atLeast(0), ...sgdLimits });

/** The momentum buffers. */
export type SgdState = Tensors;

/**
 * A step of stochastic gradient descent with momentum μ and weight decay λ:
 *
 *   d = g + λp,   b ← d at first, then μb + d,   p ← p − lr·b,   or with Nesterov's momentum p − lr·(d + μb)
 *
 * @throws WeightsError if a gradient has no weights, or they differ in shape; InputError for any other argument that is wrong.
 */
export function sgd(step: ToStep<SgdState>, options: SgdOptions): Stepped<SgdState> {
  checkStep('sgd', step, (state) => checkMap('sgd', 'state', state));
  const { weights, gradients, state } = step;
  const { lr, momentum, weightDecay, nesterov } = optionsOf('sgd', sgdOptions, options);
  const stepped = new Map(weights);
  const buffers = new Map<string, Tensor>();
  for (const [name, g] of gradients) {
    const p = parameterOf(weights, name, g.shape);
    const before = state && parameterOf(state, name, g.shape);
    const [after, buffer] = [zerosLike(p, p.shape), zerosLike(p, p.shape)];
    for (let i = 0; i < p.data.length; i++) {
      const d = (g.data[i] as number) + weightDecay * (p.data[i] as number);
      const b = before ? momentum * (before.data[i] as number) + d : d;
      buffer.data[i] = b;
      after.data[i] = (p.data[i] as number) - lr * (nesterov ? d + momentum * b : b);
    }
    stepped.set(name, after);
    buffers.set(name, buffer);
  }
  return { weights: stepped, state: buffers };
}

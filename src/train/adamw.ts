import { InputError } from '../errors.js';
import { parameterOf } from '../graph/evaluate.js';
import { atLeast, listOf, object, optional, shareBelow1, wholeFrom } from '../io/schema.js';
import { kindOf, type Tensor, zerosLike } from '../tensor.js';
import { argumentOf, checkMap, checkStep, optionsOf } from './given.js';
import type { Stepped, Tensors, ToStep } from './optimiser.js';

export interface AdamWOptions {
  /** Learning rate. */
  readonly lr: number;
  /** How much of the moments a step keeps. @defaultValue [0.9, 0.999] */
  readonly betas?: readonly [number, number];
  /** @defaultValue 1e-8 */
  readonly eps?: number;
  /** Share of a weight, times the rate, that a step takes off. @defaultValue 0.01 */
  readonly weightDecay?: number;
}

/** A run's configuration has these too. */
export const adamWLimits = {
  betas: optional(listOf(shareBelow1, 2), [0.9, 0.999]),
  eps: optional(atLeast(0), 1e-8),
  weightDecay: optional(atLeast(0), 0.01),
};

/** Schedules may end at a rate of 0. */
const adamWOptions = object({ lr: atLeast(0), ...adamWLimits });

export interface AdamWState {
  /** Steps taken. */
  readonly steps: number;
  /** Running means of the gradient and of its square. */
  readonly first: Tensors;
  readonly second: Tensors;
}

/**
 * A step of AdamW (Loshchilov & Hutter 2019, arXiv:1711.05101, alg. 2), the t-th:
 *
 *   m ← β₁m + (1 − β₁)g,   v ← β₂v + (1 − β₂)g²,   p ← (1 − lr·λ)p − lr · m/(1 − β₁ᵗ) / (√(v/(1 − β₂ᵗ)) + ε)
 *
 * @throws WeightsError if a gradient has no weights, or they differ in shape; InputError for any other argument that is wrong.
 */
export function adamW(step: ToStep<AdamWState>, options: AdamWOptions): Stepped<AdamWState> {
  checkStep('adamW', step, checkState);
  const { weights, gradients, state } = step;
  const { lr, betas, eps, weightDecay } = optionsOf('adamW', adamWOptions, options);
  const [beta1, beta2] = betas as readonly [number, number];
  const steps = (state?.steps ?? 0) + 1;
  const [correction1, correction2] = [1 - beta1 ** steps, 1 - beta2 ** steps];
  const stepped = new Map(weights);
  const [first, second] = [new Map<string, Tensor>(), new Map<string, Tensor>()];
  for (const [name, g] of gradients) {
    const p = parameterOf(weights, name, g.shape);
    const [m, v, after] = [zerosLike(p, p.shape), zerosLike(p, p.shape), zerosLike(p, p.shape)];
    const before = state && { m: parameterOf(state.first, name, g.shape), v: parameterOf(state.second, name, g.shape) };
    for (let i = 0; i < p.data.length; i++) {
      const gradient = g.data[i] as number;
      const mean = beta1 * (before?.m.data[i] ?? 0) + (1 - beta1) * gradient;
      const square = beta2 * (before?.v.data[i] ?? 0) + (1 - beta2) * gradient ** 2;
      m.data[i] = mean;
      v.data[i] = square;
      const change = mean / correction1 / (Math.sqrt(square / correction2) + eps);
      after.data[i] = (1 - lr * weightDecay) * (p.data[i] as number) - lr * change;
    }
    stepped.set(name, after);
    first.set(name, m);
    second.set(name, v);
  }
  return { weights: stepped, state: { steps, first, second } };
}

function checkState(state: AdamWState): void {
  if (kindOf(state) !== 'Object')
    throw new InputError(`adamW: state must be what the step before returned, { steps, first, second }, not ${kindOf(state)}`);
  argumentOf('adamW', 'state.steps', wholeFrom(0), state.steps);
  checkMap('adamW', 'state.first', state.first);
  checkMap('adamW', 'state.second', state.second);
}

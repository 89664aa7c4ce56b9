import type { Tensor } from '../tensor.js';

/** A network's numbers, their gradients, or what an optimiser keeps of each, by the parameter's name. */
export type Tensors = ReadonlyMap<string, Tensor>;

/** What an optimiser is given. Nothing in it is written to. */
export interface ToStep<State> {
  readonly weights: Tensors;
  readonly gradients: Tensors;
  /** What the step before returned; none before the first. */
  readonly state?: State | undefined;
}

/** What it returns; weights without a gradient, such as running statistics, are passed on. */
export interface Stepped<State> {
  readonly weights: Tensors;
  readonly state: State;
}

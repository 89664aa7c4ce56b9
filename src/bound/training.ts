import type { Interpreter } from '../graph/evaluate.js';
import type { InferenceOp } from '../ops/op.js';
import { dims4, type Shape, type Tensor } from '../tensor.js';
import { type Bounded, bounds, sum } from './bound.js';

/** `bounds`, and those of the ops of training that have kernels. */
export function trainingBounds(
  weights: ReadonlyMap<string, Tensor>,
  inputs: Readonly<Record<string, Tensor>>,
): Interpreter<Bounded, InferenceOp | 'conv2dGradInput'> {
  return {
    ...bounds(weights, inputs),
    conv2dGradInput: sum('conv2dGradInput', ([w], { attrs: { groups } }) => {
      const [O, , P, Q] = dims4(w as Shape);
      return (O / groups) * P * Q + 2;
    }),
  };
}

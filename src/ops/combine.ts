import { operands, type Shape, type Tensor, zerosLike } from '../tensor.js';
import { broadcastShape, eachOffset, repeatedStrides } from './broadcast.js';
import type { CombinationName } from './functionNames.js';
import { noMacs, type OpAttrs, type OpDef } from './op.js';

export const combinations: Readonly<Record<CombinationName, (a: number, b: number) => number>> = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide: (a, b) => a / b,
  minimum: Math.min,
  maximum: Math.max,
  power: (a, b) => a ** b,
  /** He 2015 (arXiv:1502.01852, eq. 1): a slope, b, of its own below 0. */
  prelu: (a, b) => (a < 0 ? b * a : a),
  /** A truth is 1 or 0. */
  greater: (a, b) => Number(a > b),
  equal: (a, b) => Number(a === b),
  /** a where b is a truth that is not 0, else 0. */
  where: (a, b) => (b !== 0 ? a : 0),
};

const infer = (inputs: readonly Shape[]): Shape => broadcastShape('combine', ...operands('combine', inputs, 2));

/** y = a ∘ b, element by element; along axes where one of them has one element, that is repeated. */
export function forward(inputs: readonly Tensor[], { combination }: OpAttrs['combine']): Tensor {
  const [a, b] = operands('combine', inputs, 2);
  const y = zerosLike(a, infer([a.shape, b.shape]));
  const f = combinations[combination];
  eachOffset(y.shape, [repeatedStrides(a.shape, y.shape), repeatedStrides(b.shape, y.shape)], (at, [i, j]) => {
    y.data[at] = f(a.data[i as number] as number, b.data[j as number] as number);
  });
  return y;
}

/** Of inference only. */
export const combine: OpDef<'combine'> = { infer, macs: noMacs };

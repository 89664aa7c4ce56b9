import { UnsupportedError } from '../errors.js';
import type { Interpreter } from '../graph/evaluate.js';
import { forwards } from '../ops/forwards.js';
import type { Node, QuantisedAttrs } from '../ops/op.js';
import { quantisedOps } from '../ops/quantised/index.js';
import { map, type Tensor, widen } from '../tensor.js';

/** As bound.ts has it. */
interface Values {
  readonly value: Tensor;
  readonly scale: Tensor;
  readonly roundings: number;
}

/**
 * The ops of quantised graphs have one answer, to the bit: their integers are exact, and what they round to float32 on the way is stated. So exact operands
 * leave no error. What was rounded elsewhere may be of the next integer, which is no error that a bound of floats can carry.
 */
export const quantisedBounds = Object.fromEntries(
  (Object.keys(quantisedOps) as (keyof QuantisedAttrs)[]).map((op) => [
    op,
    (inputs: readonly Values[], node: Node): Values => {
      if (inputs.some(({ roundings }) => roundings > 0))
        throw new UnsupportedError(
          `${op}, node ${node.id}: values that are rounded have no bound there, since they may become other integers`,
        );
      const value = (forwards[op] as (inputs: readonly Tensor[], attrs: unknown) => Tensor)(
        inputs.map((x) => x.value),
        node.attrs,
      );
      return { value: widen(value), scale: map(widen(value), Math.abs), roundings: 0 };
    },
  ]),
) as unknown as Interpreter<Values, keyof QuantisedAttrs>;

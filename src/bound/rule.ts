import { forwards } from '../ops/forwards.js';
import type { ComputedOp, Node, OpName } from '../ops/op.js';
import type { Shape, Tensor } from '../tensor.js';

/**
 * The error bound of Higham 2002, §3.1, as one more reading of a graph: for a value computed in float32 by any summation order, fused or not,
 *
 *   |ŷ − y| ≤ γ_n · scale + u·|y| + n · 2⁻¹⁴⁹,   γ_n = n·u / (1 − n·u),   u = 2⁻²⁴
 *
 * where y is exact (float64), scale is the sum of the absolute values of the terms that y is made of, and n counts the roundings that
 * the worst of them goes through. The last term is for products that underflow.
 */
export interface Bounded {
  readonly value: Tensor;
  readonly scale: Tensor;
  readonly roundings: number;
  /** How far an integer may be from the number that it was rounded from, beside that number's error. @defaultValue 0 */
  readonly spare?: number;
}

export const u = 2 ** -24;
export const gamma = (n: number, unit = u): number => (n * unit) / (1 - n * unit);

export type BoundRule<K extends OpName> = (inputs: readonly Bounded[], node: Node<K>) => Bounded;

/** Runs the op itself on values and on scales. */
export function both<K extends ComputedOp>(op: K, inputs: readonly Bounded[], node: Node<K>, more: number): Bounded {
  const forward = forwards[op] as (inputs: readonly Tensor[], attrs: unknown) => Tensor;
  const spare = Math.max(...inputs.map((x) => x.spare ?? 0));
  return {
    value: forward(
      inputs.map((x) => x.value),
      node.attrs,
    ),
    scale: forward(
      inputs.map((x) => x.scale),
      node.attrs,
    ),
    roundings: Math.max(...inputs.map((x) => x.roundings)) + more,
    ...(spare > 0 && { spare }),
  };
}

/** Adds up, one rounding a term: a sum of n products meets n + 1 roundings, a bias among them one more. */
export const sum =
  <K extends ComputedOp>(op: K, terms: (inputs: readonly Shape[], node: Node<K>) => number): BoundRule<K> =>
  (inputs, node) =>
    both(
      op,
      inputs,
      node,
      terms(
        inputs.map((x) => x.value.shape),
        node,
      ),
    );

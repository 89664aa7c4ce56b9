import type { OpName, Value } from '../ops/op.js';

/** How a value of the graph was made, as far as patterns of several nodes are told by it. */
export interface Made {
  readonly op: OpName | 'shift';
  readonly inputs: readonly Value[];
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** A gate that scales what it is made of (Hu 2018, eq. 2–4), as it is written. */
export interface Gate {
  /** σ, an op of ours. */
  readonly activation: 'sigmoid' | 'hardSigmoid';
  /** Of the hard sigmoid: α of max(0, min(1, α · x + 1/2)). */
  readonly slope: number;
  /** δ, between the layers. */
  readonly inner: OpName;
}

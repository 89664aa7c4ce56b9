import type { OpName, Value } from '../ops/op.js';

/** How a value of the graph was made, as far as patterns of several nodes are told by it. */
export interface Made {
  readonly op: OpName | 'shift';
  readonly inputs: readonly Value[];
  readonly attrs: Readonly<Record<string, unknown>>;
}

/** A gate that scales what it is made of (Hu 2018, eq. 2–4), as it is written. */
export interface Gate {
  /** σ, an op of ours: `sigmoid` or `hardSigmoid` in published networks. */
  readonly activation: OpName;
  /** Of the hard sigmoid: α and β of max(0, min(1, α · x + β)). */
  readonly slope: number;
  readonly offset: number;
  /** δ, between the layers; null of an excitation that has not two. */
  readonly inner: OpName | null;
  /** What no published network has. */
  readonly unusual?: string;
}

/** A gate, and the value that scales: its slope and offset may have gone into the weights before it. */
export interface FoundGate {
  readonly gate: Gate;
  readonly value: Value;
}

import type { Shape, Tensor } from '../../src/tensor.js';

/** A file of test/fixtures/training; its README says what the keys mean. */
export interface Vectors {
  readonly model: string;
  readonly seed: number;
  readonly gain: number;
  readonly input: Shape;
  readonly labels: readonly number[];
  readonly sgd: { readonly lr: number; readonly momentum: number; readonly weightDecay: number; readonly steps: number };
  readonly bn: { readonly momentum: number };
  readonly labelSmoothing: number;
  readonly logits: readonly number[];
  readonly loss: number;
  readonly smoothedLoss: number;
  readonly losses: readonly number[];
  readonly runningStats: readonly (Summary & { readonly name: string; readonly shape: Shape })[];
  readonly tensors: readonly {
    readonly name: string;
    readonly shape: Shape;
    readonly grad: Summary & { readonly sum: number };
    readonly smoothedGradNorm: number;
    readonly final: Summary;
  }[];
}

export interface Summary {
  readonly norm: number;
  /** In row-major order. */
  readonly first: readonly number[];
}

export const norm = ({ data }: Tensor): number => Math.sqrt([...data].reduce((sum, value) => sum + value ** 2, 0));
export const relative = (found: number, expected: number): number =>
  found === expected ? 0 : Math.abs(found - expected) / Math.abs(expected);

/** The larger error of a tensor's norm, relative to it, and of its first values, relative to the tensor's root mean square. */
export function summaryError(found: Tensor | undefined, expected: Summary): number {
  if (found === undefined) return Infinity;
  const rms = expected.norm / Math.sqrt(found.data.length);
  return Math.max(
    relative(norm(found), expected.norm),
    ...expected.first.map((value, i) => Math.abs((found.data[i] as number) - value) / rms),
  );
}

/** What the optimiser takes of a file's. */
export function sgdOptions({ sgd: { steps: _, ...options } }: Vectors): Omit<Vectors['sgd'], 'steps'> {
  return options;
}

import type { RunInput } from '../graph/evaluate.js';
import type { Tensor } from '../tensor.js';

/** A network compiled by another engine, as a good user of that engine would deploy it: what senet is timed against. */
export interface Contender {
  readonly engine: 'tfjs' | 'ort' | 'litert';
  /** The engine's own version number. */
  readonly version: string;
  readonly threads: number;
  /** True where the engine lacks an op that the graph uses, so that it was composed of others: no ratio may be claimed from such a row. */
  readonly composed: boolean;
  /**
   * The graph's named outputs for one image, or for several inputs by name (NCHW in, NCHW out), copied out of the engine. Always a promise, so that both
   * engines are awaited alike; one run at a time.
   *
   * @throws ShapeError if an input is missing, or not what the graph was built for.
   */
  run(image: RunInput): Promise<ReadonlyMap<string, Tensor>>;
  /** Lets the engine's copy of the weights go. */
  dispose(): Promise<void>;
}

export interface ContenderOptions {
  /** @defaultValue 1 */
  readonly threads?: number;
}

import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import type { ModelHost } from './model.js';

/** A network that is served. */
export interface ModelSpec {
  /** What requests call it. */
  readonly name: string;
  /** Published weights, or with `weights` a network, as `createClassifier` takes it. Without either it is the network that ships. */
  readonly model?: string;
  /** A path of a file of weights. */
  readonly weights?: string;
}

export interface HostOptions {
  readonly models: readonly ModelSpec[];
  /** Processes of each network. */
  readonly workers: number;
  /** Requests that wait, of all networks together. */
  readonly maxQueue: number;
  /** Images of one run. */
  readonly maxBatch: number;
  /** How long a request may wait for others to be run with, in milliseconds. */
  readonly batchDelayMs: number;
  /** Width × height of a picture. */
  readonly maxPixels: number;
  /** A worker that says nothing for so long is killed and replaced, in milliseconds. @defaultValue 30000 */
  readonly stallMs?: number;
  readonly metrics: Metrics;
  readonly log: Log;
}

/** Starts the workers of every network. @throws senet's errors for weights that cannot be loaded: then no worker is left */
export async function createModelHost(_options: HostOptions): Promise<ModelHost> {
  throw new Error('not yet');
}

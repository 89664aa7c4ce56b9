import { InputError } from 'senet';
import type { Log } from '../log.js';
import type { Metrics } from '../metrics.js';
import { HostedModel } from './hostedModel.js';
import type { ModelHost } from './model.js';

/** A network that is served. */
export interface ModelSpec {
  /** What requests call it. */
  readonly name: string;
  /** Published weights, or with `weights` a network, as `createClassifier` takes it. Without either it is the network that ships. */
  readonly model?: string;
  /** A path of a file of weights. */
  readonly weights?: string;
  /** A path of a file of the classes' names, in the place of those that the weights have. */
  readonly labels?: string;
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
export async function createModelHost({ models: specs, maxQueue, stallMs = 30_000, ...options }: HostOptions): Promise<ModelHost> {
  const models = new Map<string, HostedModel>();
  const full = (): boolean => {
    let waiting = 0;
    for (const { depth } of models.values()) waiting += depth;
    return waiting >= maxQueue;
  };
  const drain = async (ms: number): Promise<void> => {
    await Promise.all([...models.values()].map((model) => model.drain(ms)));
  };
  try {
    for (const { name, model, weights, labels } of specs) {
      if (models.has(name)) throw new InputError(`expected a name for each model, found ${name} twice`);
      models.set(name, await HostedModel.start({ ...options, name, model, weights, labels, stallMs, full }));
    }
  } catch (error) {
    await drain(0);
    throw error;
  }
  /** Reloads of a network happen one after another. */
  const reloads = new Map<string, Promise<void>>();
  return {
    models,
    drain,
    async reload(name) {
      const model = models.get(name);
      if (model === undefined) throw new InputError(`expected a model of ${[...models.keys()].join(', ')}, found ${name}`);
      const next = (reloads.get(name) ?? Promise.resolve()).catch(() => {}).then(() => model.reload());
      reloads.set(name, next);
      await next;
    },
  };
}

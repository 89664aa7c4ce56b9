import { readFileSync } from 'node:fs';
import { createClassifier } from 'senet';
import { createMetrics, type Metrics } from '../../serve/src/metrics.js';
import { createModelHost, type HostOptions } from '../../serve/src/models/host.js';
import type { Answer, AskOptions, ModelHost, ServedModel } from '../../serve/src/models/model.js';

// relaxed kernels of tiles of 8 and of 16 columns differ in the last bits, and which is faster is timed: here all processes have one
process.env.SENET_TILE = '6x8';

/** Photographs of four formats and sizes. */
export const pictures: readonly Uint8Array[] = ['chelsea.png', 'coffee.png', 'moose.webp', 'rocket.jpg'].map(
  (name) => new Uint8Array(readFileSync(new URL(`../../assets/images/${name}`, import.meta.url))),
);

export interface Expected {
  readonly logits: Float32Array;
  readonly gates: ReadonlyMap<string, Float32Array>;
  /** The network's image of the picture. */
  readonly image: Float32Array;
}

/** What the library alone says of each picture. */
export async function expectedOf(weights?: Uint8Array): Promise<readonly Expected[]> {
  const classifier = await createClassifier(weights === undefined ? { gates: true } : { weights });
  const expected: Expected[] = [];
  for (const picture of pictures) {
    const { logits, gates } = await classifier.classify(picture);
    expected.push({ logits, gates, image: (await classifier.prepare(picture)).data as Float32Array });
  }
  classifier.dispose();
  return expected;
}

export const sameBits = (found: ArrayLike<number>, expected: ArrayLike<number>): boolean =>
  found.length === expected.length && Array.from(found).every((value, i) => Object.is(value, expected[i]));

/** Of the pictures, those that an answer is right for. */
export const rightFor = ({ logits }: Answer, expected: readonly Expected[]): readonly number[] =>
  expected.flatMap((one, i) => (sameBits(logits, one.logits) ? [i] : []));

export interface Hosted {
  readonly host: ModelHost;
  readonly model: ServedModel;
  readonly metrics: Metrics;
  /** Process ids of the workers that are ready, the oldest first. */
  readonly workers: () => readonly number[];
  /** Told of each worker that becomes ready, before it has work. */
  onReady: (pid: number) => void;
  [Symbol.asyncDispose](): Promise<void>;
}

/** A host of the network that ships, or of a file of weights, with one worker. */
export async function hosted({ weights, ...options }: Partial<HostOptions> & { readonly weights?: string } = {}): Promise<Hosted> {
  const alive = new Set<number>();
  const metrics = createMetrics();
  const events = { onReady: (_pid: number): void => {} };
  const log = {
    info: (fields: object, message: string) => {
      if (message !== 'a worker is ready') return;
      const { worker } = fields as { readonly worker: number };
      alive.add(worker);
      events.onReady(worker);
    },
    warn: (fields: object, message: string) => {
      if (message === 'a worker is gone') alive.delete((fields as { readonly worker: number }).worker);
    },
    error: () => {},
  };
  const host = await createModelHost({
    models: [{ name: 'cifar', ...(weights !== undefined && { weights }) }],
    workers: 1,
    maxQueue: 100,
    maxBatch: 1,
    batchDelayMs: 2,
    maxPixels: 2 ** 24,
    metrics,
    log,
    ...options,
  });
  return {
    host,
    model: host.models.get('cifar') as ServedModel,
    metrics,
    workers: () => [...alive],
    get onReady() {
      return events.onReady;
    },
    set onReady(told) {
      events.onReady = told;
    },
    [Symbol.asyncDispose]: () => host.drain(0),
  };
}

/** A request that nobody aborts. */
export const patient = (): AskOptions => ({ signal: new AbortController().signal });

export const classify = (model: ServedModel, picture: number, options: Partial<AskOptions> & { readonly gates?: boolean } = {}) =>
  model.classify(pictures[picture] as Uint8Array, { gates: false, ...patient(), ...options });

/** Waits until it is so; the test's own limit ends a wait for what never is. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

export const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

/** A number of a metric's text. */
export async function counted(metrics: Metrics, line: string): Promise<number> {
  const text = await metrics.text();
  return Number(
    text
      .split('\n')
      .find((each) => each.startsWith(line))
      ?.slice(line.length) ?? 0,
  );
}

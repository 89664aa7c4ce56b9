import { setMaxListeners } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from 'senet';
import type { Log } from '../log.js';
import { openFile, readLabels } from './files.js';
import { identityOf } from './inherited.js';
import type { Facts, OpenFile, Result } from './messages.js';
import { RefusedError } from './model.js';
import type { Request } from './request.js';
import { type StartOptions, startWorker, type WorkerProcess } from './workerProcess.js';

export interface PoolOptions extends Omit<StartOptions, 'weights' | 'descriptor' | 'tile' | 'signal'> {
  /** A path of a file of weights. */
  readonly weights?: string | undefined;
  /** A path of a file of the classes' names, which count before those that the weights have. */
  readonly labels?: string | undefined;
  readonly workers: number;
  readonly log: Log;
}

export interface PoolEvents {
  /** A worker became ready or free, or went away. */
  changed(): void;
  /** Their worker crashed before it answered. */
  interrupted(requests: readonly Request[]): void;
  ran(images: number, seconds: number): void;
  restarted(): void;
}

/** Requests that a worker without batches is given at a time, so that the next one is there when one ends. */
const ahead = 2;

/** The second crash in a row waits 100 ms for its replacement, and each more twice as long, up to 10 s. */
const backOff = (crashes: number): number => (crashes < 2 ? 0 : Math.min(100 * 2 ** (crashes - 2), 10_000));

/** A place for a worker: the one that is there, and those that come after it. */
interface Place {
  process: WorkerProcess | undefined;
  readonly running: Map<number, Request>;
  /** Whether a request runs by itself, because it was interrupted before. */
  alone: boolean;
  /** Crashes and failed starts since the last answer. */
  crashes: number;
  /** Whether the last start failed. */
  failed: boolean;
}

/** Processes that run the same weights. One that ends unasked is replaced. */
export class Pool {
  readonly #options: PoolOptions;
  readonly #events: PoolEvents;
  readonly #places: readonly Place[];
  readonly #stopped = new AbortController();
  #file: { readonly handle: FileHandle; readonly weights: OpenFile } | undefined;
  #facts: Facts | undefined;
  #tile: string | undefined;
  /** Called when nothing runs any more; set where the pool takes no more. */
  #drained: (() => void) | undefined;

  constructor(options: PoolOptions, events: PoolEvents) {
    this.#options = options;
    this.#events = events;
    this.#places = Array.from({ length: options.workers }, () => ({
      process: undefined,
      running: new Map(),
      alone: false,
      crashes: 0,
      failed: false,
    }));
    setMaxListeners(0, this.#stopped.signal);
  }

  /**
   * Waits until every worker is ready.
   *
   * @param tile of their kernels; where there is none, what is fastest for the first worker is every worker's, so that all say the same
   * @throws senet's errors, after which no process is left
   */
  async start(tile?: string): Promise<void> {
    this.#tile = tile;
    try {
      if (this.#options.weights !== undefined) this.#file = await openWeights(this.#options.weights);
      const file = this.#options.labels;
      const labels = file === undefined ? undefined : await readLabels(file);
      const { facts } = await this.#startIn(this.#places[0] as Place); // what one cannot load, none can
      if (labels !== undefined && labels.length !== facts.classes)
        throw new InputError(`${file}: expected ${facts.classes} labels, one per class, found ${labels.length}`);
      this.#facts = labels === undefined ? facts : { ...facts, labels };
      this.#tile = facts.tile;
      await Promise.all(this.#places.slice(1).map((place) => this.#startIn(place)));
    } catch (error) {
      await this.end();
      throw error;
    }
  }

  get facts(): Facts {
    return this.#facts as Facts;
  }

  get ready(): number {
    return this.#places.filter(({ process }) => process !== undefined).length;
  }

  get busy(): boolean {
    return this.#places.some(({ running }) => running.size > 0);
  }

  /** No worker is ready, and those that were to be did not start. */
  get hopeless(): boolean {
    return this.#places.every(({ process, failed }) => process === undefined && failed);
  }

  /** The worker with the least to do that may take more. @param alone whether it must have nothing to do */
  free(alone: boolean): { readonly batch: number; run(requests: readonly Request[]): void } | undefined {
    let least: Place | undefined;
    for (const place of this.#places)
      if (mayTake(place, alone) && (least === undefined || place.running.size < least.running.size)) least = place;
    if (least === undefined || this.#drained !== undefined) return undefined;
    const { process, running } = least;
    return {
      batch: (process as WorkerProcess).facts.batch,
      run: (requests) => {
        least.alone = alone;
        for (const request of requests) running.set(request.id, request);
        process?.send({ kind: 'ask', asks: requests.map(({ id, ask }) => ({ id, ask })) });
      },
    };
  }

  /** Tells the worker that nobody waits for it any more. */
  cancel({ id }: Request): void {
    this.#places.find(({ running }) => running.has(id))?.process?.send({ kind: 'cancel', id });
  }

  /** Takes no more, and ends when what runs was answered. */
  async retire(): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#drained = resolve;
      if (!this.busy) resolve();
    });
    await this.end();
  }

  /** Ends every process at once. What runs is forgotten. */
  async end(): Promise<void> {
    this.#stopped.abort();
    this.#drained?.();
    await Promise.all(
      this.#places.map(async (place) => {
        const { process } = place;
        place.process = undefined;
        await process?.end();
      }),
    );
    const file = this.#file;
    this.#file = undefined;
    await file?.handle.close();
  }

  async #startIn(place: Place): Promise<WorkerProcess> {
    const { weights: _, labels: __, workers: ___, log, ...options } = this.#options;
    const process = await startWorker(
      { ...options, weights: this.#file?.weights, descriptor: this.#file?.handle.fd, tile: this.#tile, signal: this.#stopped.signal },
      { said: (message) => this.#said(place, message), gone: (how) => this.#gone(place, how) },
    );
    if (this.#stopped.signal.aborted) await process.end();
    this.#stopped.signal.throwIfAborted();
    place.process = process;
    place.failed = false;
    log.info({ worker: process.pid, batch: process.facts.batch }, 'a worker is ready');
    this.#events.changed();
    return process;
  }

  #said(place: Place, message: Parameters<Parameters<typeof startWorker>[1]['said']>[0]): void {
    place.crashes = 0;
    if (message.kind === 'ran') {
      this.#events.ran(message.images, message.seconds);
      for (const result of message.results) this.#settle(place, result);
    } else if (message.kind === 'fault') this.#settle(place, message);
    else place.running.delete(message.id);
    if (place.running.size === 0) place.alone = false;
    if (!this.busy) this.#drained?.();
    this.#events.changed();
  }

  #settle({ running, process }: Place, result: Result): void {
    const request = running.get(result.id);
    running.delete(result.id);
    if (request === undefined) return;
    if ('fault' in result) {
      const { kind, message } = result.fault;
      if (kind === 'server') this.#options.log.error({ fault: message }, 'a request failed in its worker');
      request.fail(kind === 'input' ? new InputError(message) : new RefusedError('unavailable', message));
      return;
    }
    const { timing, logits, gates } = result;
    const wait = performance.now() - request.since - timing.prepare - timing.run;
    // what comes of a message are views of all of it
    const copies = new Map([...gates].map(([name, values]) => [name, values.slice()]));
    const { labels } = this.facts;
    request.succeed({ logits: logits.slice(), gates: copies, labels, timing: { ...timing, wait, worker: process?.pid ?? 0 } });
  }

  #gone(place: Place, how: string): void {
    if (this.#stopped.signal.aborted) return;
    this.#options.log.warn({ worker: place.process?.pid, how, running: place.running.size }, 'a worker is gone');
    const interrupted = [...place.running.values()];
    place.running.clear();
    place.process = undefined;
    place.alone = false;
    place.crashes++;
    if (this.#drained === undefined) {
      this.#events.restarted();
      void this.#replace(place);
    } else if (!this.busy) this.#drained();
    this.#events.interrupted(interrupted);
    this.#events.changed();
  }

  /** Starts workers until one is ready. */
  async #replace(place: Place): Promise<void> {
    const { signal } = this.#stopped;
    while (!signal.aborted && this.#drained === undefined) {
      try {
        await sleep(backOff(place.crashes), undefined, { signal });
        await this.#startIn(place);
        return;
      } catch (error) {
        if (signal.aborted) return;
        place.crashes++;
        place.failed = true;
        this.#options.log.error({ fault: error instanceof Error ? error.message : String(error) }, 'a worker did not start');
        this.#events.changed();
      }
    }
  }
}

function mayTake({ process, running, alone }: Place, forAlone: boolean): boolean {
  if (process === undefined || alone) return false;
  return running.size < (forAlone || process.facts.batch > 1 ? 1 : ahead);
}

/** @throws as `openFile` */
async function openWeights(path: string): Promise<{ readonly handle: FileHandle; readonly weights: OpenFile }> {
  const handle = await openFile(path);
  return { handle, weights: { name: basename(path), ...identityOf(handle.fd) } };
}

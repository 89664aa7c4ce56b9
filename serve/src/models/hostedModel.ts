import { InputError, type Normalisation } from 'senet';
import type { Metrics } from '../metrics.js';
import type { Ask } from './messages.js';
import { type Answer, type AskOptions, RefusedError, type ServedModel } from './model.js';
import { Pace } from './pace.js';
import { Pool, type PoolOptions } from './pool.js';
import { Queue } from './queue.js';
import { Request, tooLate } from './request.js';

export interface HostedOptions extends PoolOptions {
  readonly name: string;
  readonly batchDelayMs: number;
  /** Whether as many requests wait, for all networks, as may. */
  readonly full: () => boolean;
  readonly metrics: Metrics;
}

/** How often a request is given to a worker: once more when a worker crashed over it. */
const mostRuns = 2;

/** One network: its queue, and the workers that empty it. */
export class HostedModel implements ServedModel {
  readonly name: string;
  readonly #options: HostedOptions;
  readonly #queue = new Queue();
  readonly #pace = new Pace();
  /** Accepted, and not ended. */
  readonly #open = new Set<Request>();
  /** The one that answers, and others that start or retire. */
  readonly #pools = new Set<Pool>();
  #pool: Pool;
  #lastId = 0;
  #stopping = false;
  #timer: NodeJS.Timeout | undefined;
  #idle: (() => void) | undefined;
  /** Of an image, in seconds; the mean of recent ones. */
  #imageSeconds = 0;

  private constructor(options: HostedOptions) {
    this.name = options.name;
    this.#options = options;
    this.#pool = this.#newPool();
  }

  /** @throws senet's errors for weights that cannot be loaded */
  static async start(options: HostedOptions): Promise<HostedModel> {
    const model = new HostedModel(options);
    await model.#pool.start();
    options.metrics.loaded(options.name);
    model.#changed();
    return model;
  }

  get input(): readonly [3, number, number] {
    return this.#pool.facts.input;
  }
  get classes(): number {
    return this.#pool.facts.classes;
  }
  get normalisation(): Normalisation {
    return this.#pool.facts.normalisation;
  }
  get ready(): boolean {
    return !this.#stopping && this.#pool.ready > 0;
  }
  /** How many requests wait. */
  get depth(): number {
    return this.#queue.size;
  }

  async infer(image: Float32Array, options: AskOptions): Promise<Answer> {
    const size = this.input.reduce((product, extent) => product * extent);
    if (image.length !== size)
      throw new InputError(`expected an image of ${this.input.join(' × ')} = ${size} numbers, found ${image.length}`);
    const odd = image.findIndex((value) => !Number.isFinite(value));
    if (odd >= 0) throw new InputError(`expected an image of finite numbers, found ${image[odd]} at ${odd}`);
    return await this.#ask({ image }, options);
  }

  async classify(picture: Uint8Array, { gates, ...options }: AskOptions & { readonly gates: boolean }): Promise<Answer> {
    return await this.#ask({ picture, gates }, options);
  }

  /** Takes no more, and waits for what was accepted; what is not answered in time is refused. Then the workers are ended. */
  async drain(ms: number): Promise<void> {
    this.#stopping = true;
    if (this.#open.size > 0) {
      const { promise, resolve } = signalled();
      this.#idle = resolve;
      const timer = setTimeout(resolve, ms);
      await promise;
      clearTimeout(timer);
    }
    for (const request of [...this.#open]) request.fail(new RefusedError('stopping', 'the server stops'));
    clearTimeout(this.#timer);
    await Promise.all([...this.#pools].map((pool) => pool.end()));
    this.#options.metrics.ready(this.name, 0);
  }

  /** Starts workers with the weights as they are now, gives them the queue, and ends those before. @throws as `start`; then nothing has changed */
  async reload(): Promise<void> {
    this.#refuseStopping();
    const next = this.#newPool();
    try {
      await next.start(this.#pool.facts.tile);
      this.#refuseStopping();
    } catch (error) {
      this.#pools.delete(next);
      await next.end();
      this.#refuseStopping();
      throw error;
    }
    const before = this.#pool;
    this.#pool = next;
    this.#options.metrics.loaded(this.name);
    this.#changed();
    await before.retire();
    this.#pools.delete(before);
  }

  #newPool(): Pool {
    const { metrics } = this.#options;
    const pool = new Pool(this.#options, {
      changed: () => this.#changed(),
      interrupted: (requests) => this.#interrupted(requests),
      restarted: () => metrics.restarted(this.name),
      ran: (images, seconds) => {
        metrics.ran(this.name, images, seconds);
        this.#imageSeconds += (seconds / images - this.#imageSeconds) / 8;
      },
    });
    this.#pools.add(pool);
    return pool;
  }

  async #ask(ask: Ask, options: AskOptions): Promise<Answer> {
    options.signal.throwIfAborted();
    try {
      this.#admit(options);
      const request = new Request(++this.#lastId, ask, options, (ended) => this.#ended(ended));
      this.#open.add(request);
      this.#queue.add(request);
      this.#pace.came(request.since);
      this.#dispatch();
      return await request.answer;
    } catch (error) {
      if (error instanceof RefusedError) this.#options.metrics.shed(this.name, error.reason);
      throw error;
    }
  }

  /** @throws RefusedError */
  #admit({ deadline }: AskOptions): void {
    this.#refuseStopping();
    if (deadline !== undefined && deadline <= performance.now()) throw tooLate();
    if (this.#pool.hopeless) throw noWorker();
    if (this.#options.full() && this.#pool.free(false) === undefined) {
      const wait = (this.#queue.size * this.#imageSeconds) / this.#options.workers;
      throw new RefusedError('full', 'too many requests wait', Math.max(1, Math.ceil(wait)));
    }
  }

  #refuseStopping(): void {
    if (this.#stopping) throw new RefusedError('stopping', 'the server stops');
  }

  #ended(request: Request): void {
    this.#open.delete(request);
    if (this.#queue.remove(request)) this.#options.metrics.queued(this.name, this.#queue.size);
    else if (request.runs > 0) for (const pool of this.#pools) pool.cancel(request);
    if (this.#open.size === 0) this.#idle?.();
  }

  #interrupted(requests: readonly Request[]): void {
    for (const request of requests.filter(({ ended }) => !ended))
      if (request.runs < mostRuns) this.#queue.addAgain(request);
      else request.fail(new RefusedError('unavailable', `${mostRuns} workers crashed while they had the request`));
  }

  #changed(): void {
    const pool = this.#pool;
    this.#options.metrics.ready(this.name, pool.ready);
    if (pool.hopeless) for (const request of this.#queue.requests()) request.fail(noWorker());
    this.#dispatch();
  }

  /**
   * Gives waiting requests to free workers. Where others work, and requests come so fast that the batch is likely to be full before its first has waited
   * `batchDelayMs`, it waits for that, and no longer.
   */
  #dispatch(): void {
    clearTimeout(this.#timer);
    const { batchDelayMs, metrics } = this.#options;
    while (this.#queue.size > 0) {
      const alone = this.#queue.isAgain;
      const worker = this.#pool.free(alone);
      if (worker === undefined) break;
      const now = performance.now();
      const left = (this.#queue.oldest as number) + batchDelayMs - now;
      const missing = worker.batch - this.#queue.size;
      if (!alone && this.#pool.busy && missing > 0 && this.#pace.brings(missing, left)) {
        this.#timer = setTimeout(() => this.#dispatch(), left);
        break;
      }
      const requests = this.#queue.take(worker.batch);
      for (const request of requests) {
        request.runs++;
        metrics.waited(this.name, (now - request.since) / 1000);
      }
      worker.run(requests);
    }
    metrics.queued(this.name, this.#queue.size);
  }
}

const noWorker = (): RefusedError => new RefusedError('unavailable', 'no worker is ready, and the last one did not start', 5);

function signalled(): { readonly promise: Promise<void>; readonly resolve: () => void } {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

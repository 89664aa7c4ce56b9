import { PlanError, UnsupportedError } from '../../errors.js';
import { onAbort, type SignalLike } from '../../io/signal.js';
import type { Source } from '../../io/source.js';
import type { OpenExternal } from '../../onnx/index.js';
import type { DownloadProgress } from '../../pretrained/download/progress.js';
import { type Program, startThread, type Thread } from '../../wasm/threads.js';
import { disposedError } from '../../wasm/walker.js';
import { heard, tell } from './errors.js';
import type { Notice, Order, Task, Tasks } from './messages.js';
import { bufferOf, type Serve, sendFile } from './parcels.js';

/** A worker that is silent for so long is another script: a bundler or a server may have put one in its place. */
const startMs = 60_000;

/** A worker lets go of its session's threads before it is ended, unless it is too busy to hear. */
const closeMs = 2_000;

/** What the worker may ask of its caller at any time. */
interface Caller {
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly external?: OpenExternal | undefined;
}

/** A task's message, and the memory that goes with it. */
interface Message<T extends Task> {
  readonly asked: Tasks[T]['asked'];
  readonly transfer: readonly Transferable[];
}

/** A task that is waiting for its turn, or under way. */
interface Waiting {
  /** Makes its message, when its turn has come. */
  message(serve: Serve): Promise<{ readonly order: Order; readonly transfer: readonly Transferable[] }>;
  resolve(answer: unknown): void;
  reject(reason: unknown): void;
  /** Nobody waits for it any more. */
  dropped: boolean;
}

/**
 * The caller's end of a worker: one task after another, so that what is taken back before its turn never begins. The worker keeps the process alive only
 * while a task is under way.
 */
export class Link {
  readonly #queue: Waiting[] = [];
  readonly #caller: Caller;
  #thread: Thread | undefined;
  #running: Waiting | undefined;
  /** Why the worker answers no more; undefined while it does. */
  #over: Error | undefined;
  #closed = (): void => {};
  /** What the worker may read during this task, and what reading threw. */
  #sources: Source[] = [];
  #thrown: unknown[] = [];

  private constructor(caller: Caller) {
    this.#caller = caller;
  }

  /** @throws UnsupportedError if the worker does not start */
  static async start(program: Program, caller: Caller = {}): Promise<Link> {
    const link = new Link(caller);
    let deadline: ReturnType<typeof setTimeout> | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        deadline = setTimeout(() => reject(new Error(`no answer in ${startMs / 1000} s`)), startMs);
        const message = (notice: unknown): void => (notice === 'listening' ? resolve() : link.#hear(notice as Notice));
        const ended = (why: string): void => {
          reject(new Error(why));
          link.#crash(why);
        };
        startThread({ message, ended }, program).then((thread) => {
          if (link.#over) thread.terminate();
          else link.#thread = thread;
        }, reject);
      });
      link.#thread?.hold(false);
      return link;
    } catch (cause) {
      const error = new UnsupportedError(`the worker of the classifier did not start: ${(cause as Error).message}`, { cause });
      link.#end(error);
      link.#thread?.terminate();
      throw error;
    } finally {
      clearTimeout(deadline);
    }
  }

  /**
   * @param message what is asked, made when its turn has come
   * @throws what the worker throws; the signal's reason at once; PlanError once the worker has crashed or was let go
   */
  ask<T extends Task>(task: T, message: (serve: Serve) => Promise<Message<T>>, signal?: SignalLike): Promise<Tasks[T]['answered']> {
    return new Promise<unknown>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      if (this.#over) return reject(this.#over);
      const waiting: Waiting = {
        message: async (serve) => {
          const { asked, transfer } = await message(serve);
          return { order: { order: task, ...asked } as Order, transfer };
        },
        resolve: (answer) => {
          deafen?.();
          resolve(answer);
        },
        reject: (reason) => {
          deafen?.();
          reject(reason);
        },
        dropped: false,
      };
      const abort = (): void => {
        waiting.dropped = true;
        waiting.reject(signal?.reason);
        const place = this.#queue.indexOf(waiting);
        if (place >= 0) this.#queue.splice(place, 1);
        else if (this.#running === waiting) this.#post({ order: 'abort' });
      };
      const deafen = signal && onAbort(signal, abort);
      this.#queue.push(waiting);
      void this.#next();
    }) as Promise<Tasks[T]['answered']>;
  }

  /** Rejects what waits and ends the worker. */
  dispose(): void {
    if (this.#over) return;
    this.#end(disposedError());
    const thread = this.#thread;
    const late = setTimeout(() => this.#closed(), closeMs);
    this.#closed = () => {
      clearTimeout(late);
      thread?.terminate();
    };
    this.#post({ order: 'close' });
  }

  async #next(): Promise<void> {
    if (this.#running || this.#over) return;
    const task = this.#queue.shift();
    this.#thread?.hold(task !== undefined);
    if (task === undefined) return;
    this.#running = task;
    [this.#sources, this.#thrown] = [[], []];
    try {
      const { order, transfer } = await task.message(this.#serve);
      if (task.dropped || this.#over) this.#settle();
      else this.#post(order, transfer);
    } catch (error) {
      this.#settle(({ reject }) => reject(error));
    }
  }

  #settle(how?: (task: Waiting) => void): void {
    const task = this.#running;
    this.#running = undefined;
    if (task && how) how(task);
    void this.#next();
  }

  #post(order: Order, transfer: readonly Transferable[] = []): void {
    this.#thread?.post(order, [...transfer]);
  }

  #hear(notice: Notice): void {
    if (notice === 'listening') return;
    if (notice.notice === 'progress') this.#caller.onProgress?.(notice);
    else if (notice.notice === 'read') void this.#read(notice);
    else if (notice.notice === 'open') void this.#open(notice);
    else if (notice.notice === 'done') this.#settle(({ resolve }) => resolve(notice.answer));
    else if (notice.notice === 'failed') this.#settle(({ reject }) => reject(heard(notice.told, (number) => this.#thrown[number])));
    else this.#closed();
  }

  readonly #serve: Serve = (source) => this.#sources.push(source) - 1;

  async #open({ request, path }: Extract<Notice, { readonly notice: 'open' }>): Promise<void> {
    const thrown = this.#thrown;
    try {
      const { sent, transfer } = sendFile(await this.#caller.external?.(path), this.#serve);
      this.#post({ order: 'opened', request, file: sent }, transfer);
    } catch (error) {
      this.#post({ order: 'unread', request, told: tell(error), number: thrown.push(error) - 1 });
    }
  }

  async #read({ request, served, begin, length }: Extract<Notice, { readonly notice: 'read' }>): Promise<void> {
    const { [served]: source } = this.#sources;
    const thrown = this.#thrown;
    try {
      const bytes = bufferOf(await (source as Source).read(begin, length)); // a copy: they may be a view of what the source holds
      this.#post({ order: 'bytes', request, bytes }, [bytes]);
    } catch (error) {
      this.#post({ order: 'unread', request, told: tell(error), number: thrown.push(error) - 1 });
    }
  }

  #crash(why: string): void {
    if (!this.#over) this.#thread?.terminate();
    this.#end(new PlanError(`the worker of this classifier has crashed: ${why}`));
    this.#closed();
  }

  /** Once. */
  #end(reason: Error): void {
    if (this.#over) return;
    this.#over = reason;
    const running = this.#running;
    this.#running = undefined;
    for (const { reject } of [...(running ? [running] : []), ...this.#queue.splice(0)]) reject(reason);
  }
}

import { PlanError, UnsupportedError } from '../errors.js';
import type { Call } from './calls.js';
import { Control } from './control.js';
import { mayWait, startThread, type Thread } from './threads.js';
import { disposedError, type Stretch, type Walker } from './walker.js';
import type { Job, WorkerReport } from './worker.js';

/** A step that takes longer than this and its successor has a dead thread: the one way to notice, if the caller waits and gets no events. */
const stallMs = 60_000;

/** A worker that is not ready by then is none of ours: a bundler's mistake, or a server's, may put another script in its place. */
const startMs = 60_000;

/**
 * Several threads: as many workers, and a caller that only waits, in Atomics.wait for `run` and for a message for `runAsync`. One scheme for both, and for
 * browsers, whose main thread may not wait; it costs one more wake-up a run than a caller that is thread 0 itself.
 */
export class Pool implements Walker {
  readonly #control: Control;
  readonly #threads: Thread[] = [];
  #pending: { resolve(): void; reject(error: Error): void } | undefined;
  #error: Error | undefined;

  private constructor(control: Control) {
    this.#control = control;
  }

  /**
   * Starts one worker for each list of calls, and waits until all of them have their kernels.
   *
   * @throws UnsupportedError if a worker does not start; none is left then
   */
  static async start(
    modules: readonly WebAssembly.Module[],
    memory: WebAssembly.Memory,
    calls: readonly (readonly Call[])[],
  ): Promise<Pool> {
    const threads = calls.length;
    const pool = new Pool(Control.allocate(threads, calls[0]?.length ?? 0));
    let deadline: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      deadline = setTimeout(() => reject(new Error(`no answer in ${startMs / 1000} s`)), startMs);
    });
    try {
      const control = pool.#control.shared;
      const all = calls.map((own, thread) => pool.#add({ modules, memory, control, calls: own, thread, threads }));
      await Promise.race([Promise.all(all), late]);
      for (const started of pool.#threads) started.hold(false); // a forgotten session is no reason to go on
      return pool;
    } catch (cause) {
      const why = pool.#control.account || (cause as Error).message;
      pool.dispose();
      throw new UnsupportedError(`${threads} threads did not start: ${why}`, { cause });
    } finally {
      clearTimeout(deadline);
    }
  }

  run(steps: Stretch): void {
    if (!mayWait())
      throw new UnsupportedError('run would wait for its threads, which the main thread of a browser may not: use runAsync, or one thread');
    this.#begin(steps, 0);
    this.#control.waitUntilDone(stallMs);
    if (this.#control.failed) throw this.#end(this.#crash());
  }

  runAsync(steps: Stretch): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#begin(steps, 1);
      this.#pending = { resolve, reject };
      for (const thread of this.#threads) thread.hold(true);
    });
  }

  profile(steps: Stretch): readonly number[] {
    this.run(steps);
    return [...this.#control.stepMs.subarray(...steps)];
  }

  dispose(): void {
    this.#end(disposedError());
  }

  #begin(steps: Stretch, announce: 0 | 1): void {
    if (this.#error) throw this.#error;
    this.#control.start(steps, announce);
  }

  #add(job: Job): Promise<void> {
    return new Promise((resolve, reject) => {
      const ended = (why: string): void => {
        this.#control.fail(`thread ${job.thread}: ${why}`);
        reject(this.#end(this.#crash()));
      };
      const message = (report: WorkerReport): void => {
        if (report === 'listening') started.then((thread) => thread.post(job)).catch(({ message }: Error) => ended(message));
        else if (report === 'ready') resolve();
        else if (report === 'done') this.#settle();
        else reject(this.#end(this.#crash()));
      };
      const started = startThread({ message: (report) => message(report as WorkerReport), ended });
      started.then(
        (thread) => {
          if (this.#error)
            thread.terminate(); // another one failed meanwhile
          else this.#threads.push(thread);
        },
        ({ message }: Error) => ended(message),
      );
    });
  }

  #crash(): PlanError {
    return new PlanError(`this session has crashed: ${this.#control.account}`);
  }

  #settle(): void {
    this.#pending?.resolve();
    this.#pending = undefined;
    for (const thread of this.#threads) thread.hold(false);
  }

  /** Ends the workers, and rejects the run that waits for them, once. @returns the first reason */
  #end(reason: Error): Error {
    if (this.#error) return this.#error;
    this.#error = reason;
    this.#control.fail(reason.message); // wakes the workers: Deno does not end one that sleeps in Atomics.wait
    for (const thread of this.#threads.splice(0)) thread.terminate();
    this.#pending?.reject(reason);
    this.#pending = undefined;
    return reason;
  }
}

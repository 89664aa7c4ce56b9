import { PlanError } from '../errors.js';
import type { SignalLike } from '../io/signal.js';
import { turn } from '../io/turn.js';
import { type Call, perform } from './calls.js';
import type { Kernels } from './kernels.js';

/** Some of a plan's steps, from the first to the last, exclusive. */
export type Stretch = readonly [from: number, to: number];

/** Something that can walk a plan's steps over its memory, on one thread or several. One walk at a time. */
export interface Walker {
  /** Walks these steps; the caller waits. */
  run(steps: Stretch): void;
  /** Walks these steps, while the caller's event loop goes on. An aborted signal may end the walk before its end, with its reason. */
  runAsync(steps: Stretch, signal?: SignalLike): Promise<void>;
  /** As `run`, and the milliseconds of each step. */
  profile(steps: Stretch): readonly number[];
  /** Lets go of threads; a walk under way is rejected. */
  dispose(): void;
}

export const disposedError = (): PlanError => new PlanError('this session is disposed');

/** How long `runAsync` keeps the event loop waiting: less than a frame of a 60 Hz screen, long against what a turn costs. */
const patienceMs = 8;

/** How long a piece of a step is to take: short against that wait, long against what calling a kernel costs. */
const pieceMs = 1;

/** One thread: the caller's. */
export class SingleWalker implements Walker {
  readonly #kernels: Kernels;
  readonly #calls: readonly Call[];
  readonly #pieces: number[];
  #disposed = false;

  /** @param images into so many pieces `runAsync` cuts each step, to give the event loop turns in between, until it knows how long the step takes */
  constructor(kernels: Kernels, calls: readonly Call[], images: number) {
    this.#kernels = kernels;
    this.#calls = calls;
    this.#pieces = calls.map(() => images);
  }

  run([from, to]: Stretch): void {
    for (let step = from; step < to; step++) perform(this.#kernels, this.#calls[step] as Call, 0, 1, 1);
  }

  async runAsync([from, to]: Stretch, signal?: SignalLike): Promise<void> {
    let resumed = performance.now();
    for (let step = from; step < to; step++) {
      const call = this.#calls[step] as Call;
      const pieces = this.#pieces[step] as number;
      let ms = 0;
      for (let piece = 0; piece < pieces; piece++) {
        const begin = performance.now();
        perform(this.#kernels, call, piece, piece + 1, pieces);
        const end = performance.now();
        ms += end - begin;
        if (end - resumed < patienceMs) continue;
        await turn();
        if (this.#disposed) throw disposedError();
        signal?.throwIfAborted();
        resumed = performance.now();
      }
      this.#pieces[step] = Math.max(Math.min(Math.ceil(ms / pieceMs), call.extent), 1);
    }
  }

  profile([from, to]: Stretch): readonly number[] {
    return this.#calls.slice(from, to).map((call) => {
      const start = performance.now();
      perform(this.#kernels, call, 0, 1, 1);
      return performance.now() - start;
    });
  }

  dispose(): void {
    this.#disposed = true;
  }
}

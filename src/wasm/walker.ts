import { PlanError } from '../errors.js';
import { type Call, perform } from './calls.js';
import type { Kernels } from './kernels.js';
import { turn } from './turn.js';

/** Something that can walk a plan's steps over its memory, on one thread or several. One walk at a time. */
export interface Walker {
  /** Walks all steps; the caller waits. */
  run(): void;
  /** Walks all steps, while the caller's event loop goes on. */
  runAsync(): Promise<void>;
  /** As `run`, and the milliseconds of each step. */
  profile(): readonly number[];
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

  run(): void {
    for (const call of this.#calls) perform(this.#kernels, call, 0, 1, 1);
  }

  async runAsync(): Promise<void> {
    let resumed = performance.now();
    for (const [step, call] of this.#calls.entries()) {
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
        resumed = performance.now();
      }
      this.#pieces[step] = Math.max(Math.min(Math.ceil(ms / pieceMs), call.extent), 1);
    }
  }

  profile(): readonly number[] {
    return this.#calls.map((call) => {
      const start = performance.now();
      perform(this.#kernels, call, 0, 1, 1);
      return performance.now() - start;
    });
  }

  dispose(): void {
    this.#disposed = true;
  }
}

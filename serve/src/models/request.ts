import type { Ask } from './messages.js';
import { type Answer, type AskOptions, RefusedError } from './model.js';

/** Timers of Node count 31 bits of milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** A request from its acceptance to its end. It ends once: by an answer, an error, its signal or its deadline, whichever is first. */
export class Request {
  /** When it was accepted, as `performance.now()` counts. */
  readonly since = performance.now();
  readonly id: number;
  readonly ask: Ask;
  readonly answer: Promise<Answer>;
  /** How often a worker was given it. */
  runs = 0;
  ended = false;
  readonly #signal: AbortSignal;
  readonly #onEnd: (request: Request) => void;
  readonly #timer: NodeJS.Timeout | undefined;
  #resolve!: (answer: Answer) => void;
  #reject!: (error: unknown) => void;

  /** @param onEnd told first of all, of any end */
  constructor(id: number, ask: Ask, { signal, deadline }: AskOptions, onEnd: (request: Request) => void) {
    this.id = id;
    this.ask = ask;
    this.#signal = signal;
    this.#onEnd = onEnd;
    this.answer = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    signal.addEventListener('abort', this.#aborted);
    if (deadline !== undefined) this.#timer = setTimeout(() => this.fail(tooLate()), Math.min(deadline - this.since, longestTimer));
  }

  succeed(answer: Answer): void {
    if (this.#end()) this.#resolve(answer);
  }

  fail(error: unknown): void {
    if (this.#end()) this.#reject(error);
  }

  readonly #aborted = (): void => this.fail(this.#signal.reason);

  /** @returns whether it had not ended before */
  #end(): boolean {
    if (this.ended) return false;
    this.ended = true;
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#aborted);
    this.#onEnd(this);
    return true;
  }
}

export const tooLate = (): RefusedError => new RefusedError('deadline', 'the time for the request is out');

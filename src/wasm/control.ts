import type { Stretch } from './walker.js';

/**
 * Words that threads share, each on a cache line of its own (16 words), so that waiting for one does not slow writes to another. From
 * `claims` on there is one for each thread.
 */
const line = 16;
const word = {
  run: 0,
  done: line,
  announce: 2 * line,
  arrived: 3 * line,
  phase: 4 * line,
  failure: 5 * line,
  length: 5 * line + 1,
  from: 6 * line,
  to: 6 * line + 1,
  claims: 7 * line,
} as const;
const wordsOf = (threads: number): number => word.claims + threads * line;
const textBytes = 512;

/** States of `failure`. The first thread that fails describes it, the others only leave. */
const failure = { none: 0, told: 1, complete: 2 } as const;

/**
 * How often a thread that came first looks at the barrier before it sleeps. Sleeping and waking cost some 50 µs, several steps of a small
 * network; spinning costs the core that a slower thread may need where there are fewer cores than threads.
 */
const spins = 10_000;

/**
 * What a session's caller and its workers share besides the network's memory: the number of the run to walk and of the last one done, a
 * barrier, an account of a failure, and how long each step took. All waiting is on these words.
 */
export class Control {
  readonly shared: SharedArrayBuffer;
  readonly stepMs: Float64Array;
  readonly #words: Int32Array;
  readonly #text: Uint8Array;
  readonly #threads: number;

  /** Over memory from `allocate`; every thread makes its own view. */
  constructor(shared: SharedArrayBuffer, threads: number) {
    this.shared = shared;
    this.#threads = threads;
    const words = wordsOf(threads);
    this.#words = new Int32Array(shared, 0, words);
    this.#text = new Uint8Array(shared, words * 4, textBytes);
    this.stepMs = new Float64Array(shared, words * 4 + textBytes);
  }

  static allocate(threads: number, steps: number): Control {
    return new Control(new SharedArrayBuffer(wordsOf(threads) * 4 + textBytes + steps * 8), threads);
  }

  /** Caller: lets the workers walk these steps. @param announce whether they post a message at the end */
  start([from, to]: Stretch, announce: 0 | 1): void {
    Atomics.store(this.#words, word.announce, announce);
    Atomics.store(this.#words, word.from, from);
    Atomics.store(this.#words, word.to, to);
    Atomics.add(this.#words, word.run, 1);
    Atomics.notify(this.#words, word.run, 1);
  }

  /** Caller: waits until the run is done, or has failed. @throws TypeError where waiting is forbidden: the main thread of a browser */
  waitUntilDone(stallMs: number): void {
    const run = Atomics.load(this.#words, word.run);
    let phase = -1;
    for (;;) {
      const done = Atomics.load(this.#words, word.done);
      if (done === run || this.failed) return;
      if (Atomics.wait(this.#words, word.done, done, stallMs) !== 'timed-out') continue;
      const now = Atomics.load(this.#words, word.phase);
      if (now === phase) this.fail(`no step ended in ${stallMs / 1000} s; a thread must have died`);
      phase = now;
    }
  }

  /**
   * Worker: waits for a run other than the last, and wakes the next worker. The caller wakes only the first: it is about to sleep itself,
   * and a second worker woken before that would find its core taken and share the first one's, for milliseconds.
   *
   * @returns the run's number, or undefined after a failure
   */
  nextRun(last: number): number | undefined {
    while (Atomics.load(this.#words, word.run) === last && !this.failed) Atomics.wait(this.#words, word.run, last);
    Atomics.notify(this.#words, word.run, 1);
    return this.failed ? undefined : Atomics.load(this.#words, word.run);
  }

  /** Worker: the steps of the run under way. */
  get steps(): Stretch {
    return [Atomics.load(this.#words, word.from), Atomics.load(this.#words, word.to)];
  }

  /** Worker: takes the next piece of a thread's slice of the step under way. @returns its number, from 0, whether there is such a piece or not */
  claim(thread: number): number {
    return Atomics.add(this.#words, word.claims + thread * line, 1);
  }

  /** Worker: waits until all threads have come here, and puts all pieces back. @returns false after a failure: then there is nothing more to do */
  meet(): boolean {
    const phase = Atomics.load(this.#words, word.phase);
    if (Atomics.add(this.#words, word.arrived, 1) === this.#threads - 1) {
      Atomics.store(this.#words, word.arrived, 0);
      for (let thread = 0; thread < this.#threads; thread++) Atomics.store(this.#words, word.claims + thread * line, 0);
      Atomics.add(this.#words, word.phase, 1);
      Atomics.notify(this.#words, word.phase);
    } else {
      for (let i = 0; i < spins && Atomics.load(this.#words, word.phase) === phase; i++);
      while (Atomics.load(this.#words, word.phase) === phase && !this.failed) Atomics.wait(this.#words, word.phase, phase);
    }
    return !this.failed;
  }

  /** Worker, one of them: the run is over. @returns whether the caller wants a message */
  finish(run: number): boolean {
    const announced = Atomics.load(this.#words, word.announce) === 1; // first: once the run is done, the caller may start another
    Atomics.store(this.#words, word.done, run);
    Atomics.notify(this.#words, word.done);
    return announced;
  }

  /** Anyone: ends all waiting, for good. Only the first account is kept. */
  fail(account: string): void {
    if (Atomics.compareExchange(this.#words, word.failure, failure.none, failure.told) !== failure.none) return;
    const bytes = new TextEncoder().encode(account).subarray(0, textBytes);
    this.#text.set(bytes);
    this.#words[word.length] = bytes.length;
    Atomics.store(this.#words, word.failure, failure.complete);
    // a waiter compares the word with what it saw before it looked for a failure, so changing the word cannot miss it
    for (const waited of [word.phase, word.run, word.done]) {
      Atomics.add(this.#words, waited, 1);
      Atomics.notify(this.#words, waited);
    }
  }

  get failed(): boolean {
    return Atomics.load(this.#words, word.failure) === failure.complete;
  }

  /** What the first thread that failed said. */
  get account(): string {
    return new TextDecoder().decode(this.#text.slice(0, this.#words[word.length]));
  }
}

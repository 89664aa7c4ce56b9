import { type Random, randomOf } from '../src/data/random.js';

/** What a case is drawn by: the same key gives the same draws, on every machine. */
export class Draw {
  readonly #random: Random;

  /** A reader's name, the run's seed, and the case's number. */
  constructor(reader: string, seed: number, index: number) {
    this.#random = randomOf(seed, index, ...new TextEncoder().encode(reader));
  }

  /** A whole number from `least` to `most`, both among them. */
  whole(least: number, most: number): number {
    return this.#random.whole(least, most);
  }

  /** True once in `times`. */
  once(times: number): boolean {
    return this.whole(1, times) === 1;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.whole(0, values.length - 1)] as T;
  }

  /** From none to `most` of what `make` makes. */
  several<T>(most: number, make: () => T): T[] {
    return Array.from({ length: this.whole(0, most) }, make);
  }

  bytes(length: number): Uint8Array {
    return Uint8Array.from({ length }, () => this.whole(0, 255));
  }

  /** A text of a length that is mostly short, and now and then as long as `most` allows. */
  length(most: number): number {
    return this.once(20) ? this.whole(0, most) : this.whole(0, Math.min(most, 12));
  }
}

import { WeightsError } from '../errors.js';

/**
 * What a file may make its reader build. A byte of a file can claim an object of fifty, so readers count what they build, by what V8 takes
 * for it, and refuse a file that asks for out of proportion: four times its own size, or `least` for small ones. Bytes that are views
 * of the file cost nothing.
 */
export class Budget {
  readonly #limit: number;
  #spent = 0;

  /** `size` is the whole file's, in bytes. @param least a mebibyte, unless given */
  constructor(size: number, least = 2 ** 20) {
    this.#limit = Math.max(4 * size, least);
  }

  /** Counts `bytes` of heap before they are taken. @throws WeightsError beyond the limit, which begins with `who`: the format that is read. */
  spend(bytes: number, who: string): void {
    this.#spent += bytes;
    if (!(this.#spent <= this.#limit))
      throw new WeightsError(`${who}: expected a file whose objects take at most ${this.#limit} bytes of memory, found more`);
  }
}

/** For pickles: trainers keep logs beside small networks, a dictionary of three numbers a step, and thirty thousand steps of them take as much. */
export const leastForPickles = 2 ** 24;

/**
 * Bytes of heap in V8 of 64 bits, rounded up to be safe: a list or object made with its parts; a map, a list that grows or an object with a
 * closure, as they begin; an element, should it be no small integer but a number; an entry of a map; a text of n characters.
 */
export const heap = {
  object: 64,
  dict: 208,
  element: 28,
  entry: 64,
  text: (characters: number): number => 24 + 2 * characters,
} as const;

import { WeightsError } from '../errors.js';
import { type Budget, heap } from './budget.js';
import { readRange, type Source } from './source.js';

const window = 2 ** 14;

/**
 * The head of a GGUF file, front to back: numbers, texts, and what is passed over. Its length is known only once it is read, so it is read by
 * windows; what a file claims is compared with what is left of it before anything is taken for it.
 */
export class GgufReader {
  readonly #source: Source;
  readonly #budget: Budget;
  #bytes: Uint8Array = new Uint8Array(0);
  /** Where `#bytes` begin. */
  #from = 0;
  #at = 0;

  constructor(source: Source, budget: Budget) {
    this.#source = source;
    this.#budget = budget;
  }

  /** How many bytes were read or passed over. */
  get at(): number {
    return this.#at;
  }

  /** Bytes that follow. */
  get left(): number {
    return this.#source.size - this.#at;
  }

  /** The next bytes. @throws WeightsError if the file ends before, as all that reads does; `what` says what they were to be */
  async take(length: number, what: string): Promise<DataView> {
    this.#check(length, what);
    if (this.#at + length > this.#from + this.#bytes.length) {
      this.#from = this.#at;
      this.#bytes = await readRange(this.#source, this.#at, Math.min(this.left, Math.max(length, window)));
    }
    const view = new DataView(this.#bytes.buffer, this.#bytes.byteOffset + this.#at - this.#from, length);
    this.#at += length;
    return view;
  }

  pass(length: number, what: string): void {
    this.#check(length, what);
    this.#at += length;
  }

  async u32(what: string): Promise<number> {
    return (await this.take(4, what)).getUint32(0, true);
  }

  /** Of 64 bits. Those beyond 2^53 are inexact, and far beyond any file. */
  async u64(what: string): Promise<number> {
    return Number((await this.take(8, what)).getBigUint64(0, true));
  }

  /** How many of something follow, each of `bytes` at least. @throws WeightsError for more than the rest of the file can hold */
  async count(bytes: number, what: string): Promise<number> {
    const count = await this.u64(`the number of ${what}`);
    const most = Math.floor(this.left / bytes);
    if (count > most) throw damaged(`expected at most ${most} ${what} in the ${this.left} bytes that are left, found ${count}`);
    return count;
  }

  /** A text behind its length, counted against the budget. @throws WeightsError if it is no UTF-8 */
  async text(what: string): Promise<string> {
    const length = await this.u64(`the length of ${what}`);
    this.#check(length, what);
    this.#budget.spend(heap.text(length), who);
    const { buffer, byteOffset } = await this.take(length, what);
    try {
      return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(new Uint8Array(buffer, byteOffset, length));
    } catch {
      throw damaged(`expected ${what} in UTF-8, found other bytes before byte ${this.#at}`);
    }
  }

  async passText(what: string): Promise<void> {
    this.pass(await this.u64(`the length of ${what}`), what);
  }

  #check(length: number, what: string): void {
    if (!(length <= this.left))
      throw damaged(`expected ${what} of ${length} bytes at byte ${this.#at}, found a file with ${this.left} left`);
  }
}

export const who = 'gguf';
export const damaged = (message: string, tensor?: string): WeightsError =>
  new WeightsError(`${who}: ${message}`, tensor === undefined ? {} : { tensor });

/** What a file said, briefly. */
export const show = (text: string): string => JSON.stringify(text.slice(0, 80));

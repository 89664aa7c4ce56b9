import { setTimeout as sleep } from 'node:timers/promises';
import { typedError } from './check.js';
import { type Answered, ClosedError, Connection } from './connection.js';
import type { Known } from './known.js';

/** What became of requests. */
export interface Tally {
  /** Answered, as they are when they are alone. */
  right: number;
  /** Refused: 429 or 503, by their words. */
  readonly refused: Record<string, number>;
  /** That the client gave up. */
  aborted: number;
  readonly faults: string[];
}

export const newTally = (): Tally => ({ right: 0, refused: {}, aborted: 0, faults: [] });

/** So long an answer may take: longer than the server's own limit. */
const patienceMs = 60_000;

/** Asks over a connection that is kept, and opens another when it was closed. */
export class Client {
  readonly #port: number;
  readonly #codes: ReadonlySet<string>;
  readonly #tally: Tally;
  #connection: Connection | undefined;

  constructor(port: number, codes: ReadonlySet<string>, tally: Tally) {
    this.#port = port;
    this.#codes = codes;
    this.#tally = tally;
  }

  get open(): boolean {
    return this.#connection !== undefined && !this.#connection.closed;
  }

  /** Sends all at once, or in pieces of so many bytes with so many milliseconds between them, and counts the answer. */
  async ask({ bytes, body }: Known, piece = bytes.length, pauseMs = 0): Promise<void> {
    const reused = this.open;
    const connection = this.connect();
    try {
      for (let at = 0; at < bytes.length; at += piece) {
        if (at > 0) await sleep(pauseMs);
        connection.send(bytes.subarray(at, at + piece));
      }
      await this.#count(await connection.answer(patienceMs), body);
    } catch (error) {
      this.drop();
      if (error instanceof ClosedError && reused)
        await this.ask({ bytes, body }, piece, pauseMs); // it had been closed before
      else this.#tally.faults.push((error as Error).message);
    }
  }

  /** Sends so many bytes of it, and goes away after so many milliseconds. */
  async abort({ bytes }: Known, sent: number, afterMs: number): Promise<void> {
    this.connect().send(bytes.subarray(0, sent));
    await sleep(afterMs);
    this.drop();
    this.#tally.aborted++;
  }

  connect(): Connection {
    if (this.#connection === undefined || this.#connection.closed) this.#connection = new Connection(this.#port);
    return this.#connection;
  }

  drop(): void {
    this.#connection?.destroy();
    this.#connection = undefined;
  }

  async #count(answered: Answered, body: Buffer): Promise<void> {
    const { status, headers } = answered;
    if (headers.connection === 'close') this.drop();
    if (status === 200) {
      if (answered.body.equals(body)) this.#tally.right++;
      else this.#tally.faults.push(`another picture's answer: ${answered.body.toString('latin1', 0, 200)}`);
      return;
    }
    const found = typedError(answered, this.#codes);
    const again = Number(headers['retry-after']);
    if (status !== 429 && status !== 503) this.#tally.faults.push(`${status} ${answered.body.toString('latin1', 0, 200)}`);
    else if ('fault' in found) this.#tally.faults.push(found.fault);
    else if (!(again >= 1)) this.#tally.faults.push(`${status} without Retry-After`);
    else {
      const word = `${status} ${found.code}`;
      this.#tally.refused[word] = (this.#tally.refused[word] ?? 0) + 1;
      await sleep(100); // sooner than told, but not at once
    }
  }
}

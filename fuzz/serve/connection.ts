import { connect, type Socket } from 'node:net';
import { setImmediate as turn } from 'node:timers/promises';

/** An answer as it came over the wire. */
export interface Answered {
  readonly status: number;
  /** Their names in small letters. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** Ended by the server before there was an answer. */
export class ClosedError extends Error {}

const blankLine = Buffer.from('\r\n\r\n');

/** A connection of bytes, for requests that no client of HTTP would send. */
export class Connection {
  readonly #socket: Socket;
  #came = Buffer.alloc(0);
  #closed = false;
  #wake: () => void = () => {};

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#socket.setNoDelay(true);
    this.#socket.on('data', (data) => {
      this.#came = Buffer.concat([this.#came, data]);
      this.#wake();
    });
    this.#socket.on('error', () => {}); // 'close' follows
    this.#socket.on('close', () => {
      this.#closed = true;
      this.#wake();
    });
  }

  /** Whether the server has closed it. */
  get closed(): boolean {
    return this.#closed;
  }

  send(bytes: Uint8Array): void {
    this.#socket.write(bytes);
  }

  /** Says that no more is sent. */
  finish(): void {
    this.#socket.end();
  }

  destroy(): void {
    this.#socket.destroy();
  }

  /** The next answer that is not an interim one. @throws ClosedError, Error after so many milliseconds */
  async answer(mostMs: number): Promise<Answered> {
    const deadline = performance.now() + mostMs;
    for (let over = false; ; ) {
      const answer = this.#take();
      if (answer !== undefined && answer.status >= 200) return answer;
      if (answer !== undefined) continue;
      if (this.#closed) throw new ClosedError(`closed after ${JSON.stringify(this.#came.toString('latin1').slice(0, 200))}`);
      if (over) throw new Error(`no answer in ${mostMs} ms`);
      const left = deadline - performance.now();
      over = left <= 0;
      await (over ? turn() : this.#news(left)); // a process that was late itself looks once more at what has come
    }
  }

  #news(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** What has come, if it is a whole answer. Ours all say how long they are. */
  #take(): Answered | undefined {
    const end = this.#came.indexOf(blankLine);
    if (end < 0) return undefined;
    const [first = '', ...lines] = this.#came.toString('latin1', 0, end).split('\r\n');
    const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(first)?.[1]);
    if (Number.isNaN(status)) throw new Error(`no answer of HTTP: ${JSON.stringify(first.slice(0, 200))}`);
    const headers = Object.fromEntries(
      lines.map((line) => {
        const [, name = '', value = ''] = /^([^:]*):\s*(.*)$/.exec(line) ?? [];
        return [name.toLowerCase(), value] as const;
      }),
    );
    const begin = end + blankLine.length;
    const length = Number(headers['content-length'] ?? 0);
    if (this.#came.length < begin + length) return undefined;
    const body = this.#came.subarray(begin, begin + length);
    this.#came = this.#came.subarray(begin + length);
    return { status, headers, body };
  }
}

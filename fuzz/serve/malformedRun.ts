import { Draw } from '../draw.js';
import { errorCodesOf, typedError } from './check.js';
import { type Answered, ClosedError, Connection } from './connection.js';
import { malformed, soundRequest } from './malformed.js';
import { watchMemory } from './memory.js';
import { bytesOf, token } from './request.js';
import type { RunningServer } from './server.js';

/** Six bodies without a length are fewer than the server reads at a time. */
const connections = 6;
/** Longer than a server waits for a request that does not come. */
const patienceMs = 45_000;
/** A sound request comes after so many. */
const soundEvery = 50;
const soundRequests = 16;

export interface MalformedResult {
  /** Malformed requests that were answered. */
  readonly refused: number;
  /** How often each status and word was the answer, by what was wrong. */
  readonly answers: Readonly<Record<string, Readonly<Record<string, number>>>>;
  /** Requests that chance left sound. */
  readonly unharmed: number;
  /** Sound requests in between. */
  readonly between: number;
  /** Each with its case. */
  readonly faults: readonly string[];
  /** Bytes that the server held. */
  readonly memory: readonly number[];
}

/** Sends malformed requests until so many were refused, and sound ones between them. @param told hears how many were */
export async function runMalformed(
  server: RunningServer,
  { cases, seed, told = () => {} }: { readonly cases: number; readonly seed: number; readonly told?: (refused: number) => void },
): Promise<MalformedResult> {
  const codes = await errorCodesOf(server.origin, token);
  const sound = await soundAnswers(server, seed);
  const answers: Record<string, Record<string, number>> = {};
  const faults: string[] = [];
  const counts = { refused: 0, unharmed: 0, between: 0 };
  let next = 0;
  const watched = watchMemory(server);

  async function oneAfterAnother(): Promise<void> {
    const line = new Line(server.port);
    while (counts.refused < cases && faults.length < 100) {
      const index = next++;
      const { kind, bytes, statuses, finish, last } = malformed(new Draw('serve', seed, index));
      try {
        const answered = await line.ask(bytes, finish === true);
        if (last) line.drop();
        const found = wordOf(answered, statuses, codes);
        if ('fault' in found) faults.push(`case ${index} (${kind}): ${found.fault}`);
        else if (answered.status === 200) counts.unharmed++;
        else {
          counts.refused++;
          const word = `${answered.status} ${found.code}`;
          answers[kind] = { ...answers[kind], [word]: (answers[kind]?.[word] ?? 0) + 1 };
        }
        if (index % soundEvery === 0) {
          counts.between++;
          const { bytes, body } = sound[(index / soundEvery) % sound.length] as Sound;
          const { status, body: found } = await line.ask(bytes, false);
          if (status !== 200 || !found.equals(body))
            faults.push(`after case ${index}: a sound request has another answer: ${status} ${found.toString('latin1', 0, 200)}`);
        }
      } catch (error) {
        faults.push(`case ${index} (${kind}): ${(error as Error).message}`);
        line.drop();
      }
      told(counts.refused);
    }
    line.drop();
  }

  await Promise.all(Array.from({ length: connections }, oneAfterAnother));
  watched.stop();
  return { ...counts, answers, faults, memory: watched.samples };
}

interface Sound {
  readonly bytes: Uint8Array;
  /** Of its answer. */
  readonly body: Buffer;
}

/** Some sound requests, and what is answered to each while it is alone. @throws Error for another answer than 200 */
async function soundAnswers({ port }: RunningServer, seed: number): Promise<readonly Sound[]> {
  const line = new Line(port);
  const all: Sound[] = [];
  for (let index = 0; index < soundRequests; index++) {
    const bytes = bytesOf(soundRequest(new Draw('sound', seed, index)));
    const { status, body } = await line.ask(bytes, false);
    if (status !== 200) throw new Error(`sound request ${index}: ${status} ${body}`);
    all.push({ bytes, body });
  }
  line.drop();
  return all;
}

function wordOf(
  answered: Answered,
  statuses: readonly number[],
  codes: ReadonlySet<string>,
): { readonly code: string } | { readonly fault: string } {
  const { status, body } = answered;
  if (!statuses.includes(status)) return { fault: `expected ${statuses.join(' or ')}, found ${status} ${body.toString('latin1', 0, 200)}` };
  return status === 200 ? { code: '' } : typedError(answered, codes);
}

/** A connection, and another when the server has closed it. */
class Line {
  readonly #port: number;
  #open: Connection | undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** The answer to these bytes. */
  async ask(bytes: Uint8Array, finish: boolean): Promise<Answered> {
    const reused = this.#open !== undefined && !this.#open.closed;
    if (!reused) this.#open = new Connection(this.#port);
    const connection = this.#open as Connection;
    connection.send(bytes);
    if (finish) connection.finish();
    try {
      const answered = await connection.answer(patienceMs);
      if (answered.headers.connection === 'close') this.drop();
      return answered;
    } catch (error) {
      this.drop();
      // it may have been closed just before: then nothing of it was answered
      if (error instanceof ClosedError && reused) return await this.ask(bytes, finish);
      throw error;
    }
  }

  drop(): void {
    this.#open?.destroy();
    this.#open = undefined;
  }
}

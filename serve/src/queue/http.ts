import { InputError } from 'senet';

/** So much is asked for at a time: a connection that is cut costs no more. */
const pieceBytes = 8 * 2 ** 20;

const tries = 4;
const firstDelayMs = 250;
const pieceMs = 60_000;

export const isAddress = (place: string): boolean => /^https?:\/\//.test(place);

/** What lies at a path below an address. @throws InputError for a path that leads elsewhere */
export function addressBelow(base: string, path: string): string {
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..')) throw new InputError(`${path}: expected an image below ${base}`);
  return `${base.replace(/\/*$/, '')}/${parts.map(encodeURIComponent).join('/')}`;
}

/**
 * A file of so many bytes, by ranges of HTTP.
 *
 * @throws InputError for a file of another size, and for an answer that is neither the range nor, at the beginning, the whole
 */
export async function fetchBytes(address: string, bytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  for (let from = 0; from < bytes; from += (pieces.at(-1) as Uint8Array).length) pieces.push(await fetchPiece(address, from, bytes));
  return Buffer.concat(pieces, bytes);
}

/** What a server or a network may do better the next time. */
class PassingError extends Error {}

async function fetchPiece(address: string, from: number, bytes: number): Promise<Uint8Array> {
  for (let tried = 1; ; tried++) {
    try {
      return await fetchRange(address, from, Math.min(from + pieceBytes, bytes), bytes);
    } catch (error) {
      if (error instanceof InputError) throw error;
      const { cause = error } = error as Error;
      if (tried === tries) throw new InputError(`${address}: cannot be read (${(cause as Error).message})`, { cause: error });
      await new Promise((resolve) => setTimeout(resolve, firstDelayMs * 2 ** (tried - 1)));
    }
  }
}

/** Bytes [from, to). */
async function fetchRange(address: string, from: number, to: number, bytes: number): Promise<Uint8Array> {
  const answer = await fetch(address, {
    headers: { range: `bytes=${from}-${to - 1}`, 'accept-encoding': 'identity' },
    redirect: 'error',
    signal: AbortSignal.timeout(pieceMs),
  });
  const whole = answer.status === 200 && from === 0;
  const range = answer.status === 206 ? answer.headers.get('content-range') : undefined;
  const length = whole ? bytes : to - from;
  try {
    if (answer.status >= 500 || answer.status === 429) throw new PassingError(`status ${answer.status}`);
    if (!whole && range !== `bytes ${from}-${to - 1}/${bytes}`)
      throw new InputError(`${address}: expected bytes ${from}-${to - 1} of ${bytes}, found ${range ?? `status ${answer.status}`}`);
    return await bodyOf(address, answer, length);
  } catch (error) {
    await answer.body?.cancel().catch(() => undefined);
    throw error;
  }
}

/** @throws InputError for a longer body, of which no more is read; PassingError for a shorter one */
async function bodyOf(address: string, answer: Response, length: number): Promise<Uint8Array> {
  const into = new Uint8Array(length);
  let filled = 0;
  for await (const chunk of answer.body ?? []) {
    if (filled + chunk.length > length) throw new InputError(`${address}: expected ${length} bytes, found more`);
    into.set(chunk, filled);
    filled += chunk.length;
  }
  if (filled < length) throw new PassingError(`${filled} of ${length} bytes came`);
  return into;
}

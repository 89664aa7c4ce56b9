import { Inflate } from 'fflate';
import { WeightsError } from '../errors.js';
import { readRange, type Source } from './source.js';

/** Bytes read at a time: each may inflate to a thousand. */
const chunk = 2 ** 14;

/** Deflated bytes (RFC 1951), inflated. @throws WeightsError, naming `what`, if they are damaged or do not come to `size` bytes. */
export async function inflate(deflated: Source, size: number, what: string): Promise<Uint8Array> {
  const result = new Uint8Array(size);
  let filled = 0;
  const stream = new Inflate((bytes) => {
    if (filled + bytes.length > size) throw new WeightsError(`zip: ${what}: expected ${size} bytes, found more`);
    result.set(bytes, filled);
    filled += bytes.length;
  });
  for (let at = 0; at < deflated.size; at += chunk) {
    const length = Math.min(chunk, deflated.size - at);
    const bytes = await readRange(deflated, at, length);
    try {
      stream.push(bytes, at + length === deflated.size);
    } catch (cause) {
      if (cause instanceof WeightsError) throw cause;
      throw new WeightsError(`zip: ${what}: expected deflated data (${(cause as Error).message})`, { cause });
    }
  }
  if (filled !== size) throw new WeightsError(`zip: ${what}: expected ${size} bytes, found ${filled}`);
  return result;
}

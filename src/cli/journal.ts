import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError } from '../errors.js';

/** A record of work that may be interrupted: a line of what the work is, then a JSON line for each part that is done. */
export interface Journal<T> {
  readonly file: string;
  /** What an earlier run did. */
  readonly done: readonly T[];
  /** Written before it returns: what is lost with the process is what it was at. */
  add(entry: T): void;
  close(): void;
}

/** Names a piece of work: the same for the same inputs only. */
export const keyOf = (work: unknown): string => createHash('sha256').update(JSON.stringify(work)).digest('hex');

/**
 * Opens the journal of a piece of work, or begins it.
 *
 * @throws InputError if the file is the journal of other work, or no journal at all, or cannot be written.
 */
export function openJournal<T>(file: string, key: string): Journal<T> {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const handle = openSync(file, 'a+');
    const text = readFileSync(handle, 'utf8');
    const whole = text.slice(0, text.lastIndexOf('\n') + 1); // a process that was killed may leave half a line
    const [head, ...lines] = whole.split('\n').slice(0, -1);
    if (head === undefined && text === '') writeSync(handle, `${JSON.stringify({ evaluation: key })}\n`);
    else if (head !== JSON.stringify({ evaluation: key }))
      throw new InputError('is not the journal of this evaluation: name another file, or remove it');
    else ftruncateSync(handle, Buffer.byteLength(whole));
    return {
      file,
      done: lines.map((line) => JSON.parse(line) as T),
      add: (entry) => void writeSync(handle, `${JSON.stringify(entry)}\n`),
      close: () => closeSync(handle),
    };
  } catch (cause) {
    throw new InputError(
      `${file}: ${cause instanceof InputError ? cause.message : `cannot be used as a journal (${(cause as Error).message})`}`,
      { cause },
    );
  }
}

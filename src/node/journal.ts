import { createHash } from 'node:crypto';
import { closeSync, ftruncateSync, mkdirSync, openSync, readFileSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { InputError, naming } from '../errors.js';
import { parseJson } from '../io/jsonText.js';
import type { Kind } from '../io/schema.js';

/** A record of work that may be interrupted: a line of what the work is, then a JSON line for each part that is done. */
export interface Journal<T> {
  readonly file: string;
  /** What an earlier run did. */
  readonly done: readonly T[];
  /** Written before it returns: what is lost with the process is what it was at. @throws InputError naming the file if it cannot be written */
  add(entry: T): void;
  close(): void;
}

/** Names a piece of work: the same for the same inputs only. */
export const keyOf = (work: unknown): string => createHash('sha256').update(JSON.stringify(work)).digest('hex');

/** A journal that cannot be kept, whatever it is a journal of: its folder cannot be written to, say. For users it is an InputError, by name too. */
export class JournalPlaceError extends InputError {}

/**
 * Opens the journal of a piece of work, or begins it. What was cut off in the middle of a line is as if that line had never been.
 *
 * @param kind what each part's line must be
 * @throws InputError naming the file if it is the journal of other work, or no journal at all, or a line of it is damaged; a
 *   JournalPlaceError if there can be none
 */
export function openJournal<T>(file: string, key: string, kind: Kind<T>): Journal<T> {
  const { handle, bytes } = openFile(file);
  try {
    const head = `${JSON.stringify({ evaluation: key })}\n`;
    const whole = bytes.subarray(0, bytes.lastIndexOf(newline) + 1);
    const begun = whole.length > 0;
    const ours = begun
      ? whole.subarray(0, head.length).equals(Buffer.from(head))
      : bytes.length < head.length && head.startsWith(bytes.toString());
    if (!ours) throw new InputError(`${file}: is not the journal of this evaluation: name another file, or remove it`);
    writing(file, () => {
      if (whole.length < bytes.length) ftruncateSync(handle, whole.length);
      if (!begun) writeSync(handle, head);
    });
    const done: T[] = [];
    let number = 0;
    for (const line of linesOf(whole)) {
      number++;
      if (line !== head) done.push(naming(`${file}: line ${number}`, () => kind.read(parseJson(line), '')));
    }
    return {
      file,
      done,
      add: (entry) => writing(file, () => writeSync(handle, `${JSON.stringify(entry)}\n`)),
      close: () => closeSync(handle),
    };
  } catch (error) {
    closeSync(handle);
    throw error;
  }
}

const newline = 0x0a;

/** With their ends, one at a time: together they may be more than a string holds. */
function* linesOf(whole: Buffer): Generator<string> {
  for (let from = 0, to = 0; from < whole.length; from = to) {
    to = whole.indexOf(newline, from) + 1;
    yield whole.toString('utf8', from, to);
  }
}

function openFile(file: string): { readonly handle: number; readonly bytes: Buffer } {
  try {
    mkdirSync(dirname(file), { recursive: true });
    const handle = openSync(file, 'a+');
    return { handle, bytes: readFileSync(handle) };
  } catch (cause) {
    throw new JournalPlaceError(`${file}: cannot be used as a journal (${(cause as Error).message})`, { cause });
  }
}

function writing(file: string, write: () => void): void {
  try {
    write();
  } catch (cause) {
    throw new InputError(`${file}: cannot be written (${(cause as NodeJS.ErrnoException).code}); --journal names another place`, { cause });
  }
}

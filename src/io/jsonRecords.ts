import { InputError, naming } from '../errors.js';
import { parseJson } from './jsonText.js';

/** What is made of each value of a list. Its path says where it is: `annotations[3]`. */
export type Visit = (value: unknown, path: string) => void;

/**
 * Goes through a JSON text whose outermost value is a list, and parses one of its values at a time. Memory is that of the longest, whatever the
 * file's size; each is held to the limits of `parseJson`.
 *
 * @throws InputError if it is not such a text; what `visit` throws
 */
export function listRecords(bytes: Uint8Array, name: string, visit: Visit): void {
  const cursor = new Cursor(bytes);
  readList(cursor, name, visit);
  cursor.end();
}

/**
 * The same where the outermost value is an object: the lists at the keys of `lists` are gone through, other keys are passed over unread.
 *
 * @throws InputError if it is not such a text, or a list is missing or stands twice; what a visit throws
 */
export function objectRecords(bytes: Uint8Array, lists: Readonly<Record<string, Visit>>): void {
  const cursor = new Cursor(bytes);
  const seen = new Set<string>();
  if (cursor.peek() !== '{') throw new InputError(`must be an object, not ${cursor.found()}`);
  cursor.sequence('{', '}', () => {
    const key = String(naming('a key', () => parseJson(cursor.value())));
    cursor.take(':');
    const visit = Object.hasOwn(lists, key) ? lists[key] : undefined;
    if (visit === undefined) {
      cursor.skip();
      return;
    }
    if (seen.has(key)) throw new InputError(`${key} stands twice`);
    seen.add(key);
    readList(cursor, key, visit);
  });
  cursor.end();
  const missing = Object.keys(lists).find((key) => !seen.has(key));
  if (missing !== undefined) throw new InputError(`${missing} is missing: it must be a list`);
}

/** The first character that is no white space. @throws InputError if there is none */
export const firstCharacter = (bytes: Uint8Array): string => new Cursor(bytes).peek();

function readList(cursor: Cursor, name: string, visit: Visit): void {
  if (cursor.peek() !== '[') throw new InputError(`${name} must be a list, not ${cursor.found()}`);
  let index = 0;
  cursor.sequence('[', ']', () => {
    const path = `${name}[${index++}]`;
    visit(
      naming(path, () => parseJson(cursor.value())),
      path,
    );
  });
}

const codeOf = (character: string): number => character.charCodeAt(0);
const [quote, backslash, comma, colon] = ['"', '\\', ',', ':'].map(codeOf);
const [braceOpen, braceClose, bracketOpen, bracketClose] = ['{', '}', '[', ']'].map(codeOf);
const isSpace = (byte: number | undefined): boolean => byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;

/** A place in a JSON text in UTF-8. */
class Cursor {
  readonly #bytes: Uint8Array;
  readonly #decoder = new TextDecoder();
  #at: number;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0; // a byte order mark
    if (this.peek() === '') throw new InputError('is empty, not JSON');
  }

  /** The next character that is no white space; empty at the end. */
  peek(): string {
    while (isSpace(this.#bytes[this.#at])) this.#at++;
    const byte = this.#bytes[this.#at];
    return byte === undefined ? '' : String.fromCharCode(byte);
  }

  take(...expected: readonly string[]): string {
    const next = this.peek();
    if (!expected.includes(next)) throw new InputError(`is not JSON (expected ${expected.join(' or ')}, found ${this.found()})`);
    this.#at++;
    return next;
  }

  /** What stands here, for messages. */
  found(): string {
    const next = this.peek();
    if (next === '') return 'the end of the file';
    const names: Readonly<Record<string, string>> = { '{': 'an object', '[': 'a list', '"': 'text' };
    const text = this.#decoder.decode(this.#bytes.subarray(this.#at, this.#at + 20));
    return `${names[next] ?? JSON.stringify(text)} at byte ${this.#at}`;
  }

  /** What lies between two brackets, separated by commas. */
  sequence(open: string, close: string, each: () => void): void {
    this.take(open);
    if (this.peek() === close) {
      this.#at++;
      return;
    }
    do each();
    while (this.take(',', close) === ',');
  }

  /** The text of the value here, which is passed. */
  value(): string {
    this.peek();
    const start = this.#at;
    this.skip();
    return this.#decoder.decode(this.#bytes.subarray(start, this.#at));
  }

  skip(): void {
    this.peek();
    const bytes = this.#bytes;
    let depth = 0;
    let i = this.#at;
    for (; i < bytes.length; i++) {
      const byte = bytes[i];
      if (byte === quote) {
        for (i++; i < bytes.length && bytes[i] !== quote; i++) if (bytes[i] === backslash) i++;
      } else if (byte === braceOpen || byte === bracketOpen) depth++;
      else if (byte === braceClose || byte === bracketClose) {
        if (depth === 0) break;
        depth--;
      } else if (depth === 0 && (byte === comma || byte === colon || isSpace(byte))) break;
    }
    if (depth > 0 || i > bytes.length) throw new InputError(`is not JSON (the file ends within the value at byte ${this.#at})`);
    this.#at = i;
  }

  end(): void {
    if (this.peek() !== '') throw new InputError(`is not JSON (expected the end of the file, found ${this.found()})`);
  }
}

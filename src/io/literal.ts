import { InputError } from '../errors.js';
import { type Budget, heap } from './budget.js';

/** What JSON and Python's literals are made of; lists and tuples are arrays, objects and dictionaries maps. */
export type Literal = string | number | boolean | null | readonly Literal[] | ReadonlyMap<Literal, Literal>;

/**
 * The value that a text is written as, in JSON or as Python's `repr` has it: single quotes, tuples, numbers as keys, a comma after the last.
 *
 * @throws InputError that says where the text is neither; WeightsError beyond the budget.
 */
export function parseLiteral(text: string, budget: Budget): Literal {
  const reader = new Reader(text, budget);
  const value = reader.value(0);
  reader.end();
  return value;
}

/** Deeper than any list of labels; values are read by recursion. */
const deepest = 32;

const closing: Readonly<Record<string, string>> = { '[': ']', '(': ')', '{': '}' };
const words: ReadonlyMap<string, Literal> = new Map<string, Literal>([
  ...(['true', 'True'] as const).map((word) => [word, true] as const),
  ...(['false', 'False'] as const).map((word) => [word, false] as const),
  ...(['null', 'None'] as const).map((word) => [word, null] as const),
]);
const escapes: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', v: '\v', a: '\u0007', '0': '\0' };
/** Digits that follow the letter of an escape by number. */
const digits: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

class Reader {
  readonly #text: string;
  readonly #budget: Budget;
  #at = 0;

  constructor(text: string, budget: Budget) {
    this.#text = text;
    this.#budget = budget;
  }

  value(depth: number): Literal {
    if (depth > deepest) throw this.#wrong(`at most ${deepest} lists in each other`);
    const start = this.#next();
    if (start === '[' || start === '(') return this.#list(closing[start] as string, depth);
    if (start === '{') return this.#dict(depth);
    if (start === '"' || start === "'") return this.#quoted(start);
    if (start === 'u' && /["']/.test(this.#text[this.#at + 1] ?? '')) return this.#quoted(this.#text[++this.#at] as string); // Python 2's
    const token = this.#token();
    const number = /^[+-]?\d/.test(token) ? Number(token) : Number.NaN;
    const word = words.get(token);
    if (Number.isNaN(number) && word === undefined) throw this.#wrong('a value');
    this.#at += token.length;
    return word === undefined ? number : word;
  }

  end(): void {
    if (this.#next() !== undefined) throw this.#wrong('the end');
  }

  #list(close: string, depth: number): Literal[] {
    this.#budget.spend(heap.dict, 'labels');
    const list: Literal[] = [];
    this.#at++;
    for (; this.#next() !== close; this.#comma(close)) {
      this.#budget.spend(heap.element, 'labels');
      list.push(this.value(depth + 1));
    }
    this.#at++;
    return list;
  }

  #dict(depth: number): ReadonlyMap<Literal, Literal> {
    this.#budget.spend(heap.dict, 'labels');
    const dict = new Map<Literal, Literal>();
    this.#at++;
    for (; this.#next() !== '}'; this.#comma('}')) {
      this.#budget.spend(heap.entry, 'labels');
      const key = this.value(depth + 1);
      if (dict.has(key)) throw new InputError(`the key ${String(key).slice(0, 80)} stands twice`);
      if (this.#next() !== ':') throw this.#wrong('a colon');
      this.#at++;
      dict.set(key, this.value(depth + 1));
    }
    this.#at++;
    return dict;
  }

  #comma(close: string): void {
    const next = this.#next();
    if (next === ',') this.#at++;
    else if (next !== close) throw this.#wrong(`a comma or ${close}`);
  }

  #quoted(quote: string): string {
    const begin = ++this.#at;
    let value = '';
    let copied = begin;
    for (;;) {
      const c = this.#text[this.#at];
      if (c === undefined || c === '\n') throw this.#wrong(`the text to end with ${quote}`);
      if (c === quote) break;
      if (c === '\\') {
        value += this.#text.slice(copied, this.#at) + this.#escape();
        copied = this.#at;
      } else this.#at++;
    }
    value += this.#text.slice(copied, this.#at++);
    this.#budget.spend(heap.text(this.#at - begin), 'labels');
    return value;
  }

  /** What a backslash and what follows it stand for; Python keeps both where they stand for nothing. */
  #escape(): string {
    const letter = this.#text[this.#at + 1] ?? '';
    this.#at += 2;
    const length = digits[letter];
    if (length === undefined) return escapes[letter] ?? (/\w/.test(letter) ? `\\${letter}` : letter);
    const hex = this.#text.slice(this.#at, this.#at + length);
    const code = /^[0-9a-fA-F]+$/.test(hex) && hex.length === length ? Number.parseInt(hex, 16) : Number.NaN;
    if (!(code <= 0x10ffff)) throw this.#wrong(`${length} digits of a character`);
    this.#at += length;
    return length === 8 ? String.fromCodePoint(code) : String.fromCharCode(code);
  }

  /** The character after spaces and Python's comments; undefined at the end. */
  #next(): string | undefined {
    for (;;) {
      const c = this.#text[this.#at];
      if (c === '#') {
        const line = this.#text.indexOf('\n', this.#at);
        this.#at = line < 0 ? this.#text.length : line;
      } else if (c === undefined || c.trim() !== '') return c;
      else this.#at++;
    }
  }

  /** A number or a word, up to whatever else; of what is longer than any of them, the beginning. */
  #token(): string {
    return /^[\w+.-]*/.exec(this.#text.slice(this.#at, this.#at + 40))?.[0] ?? '';
  }

  #wrong(expected: string): InputError {
    return new InputError(`is not JSON, nor a literal of Python (expected ${expected} at character ${this.#at})`);
  }
}

import { text } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';
import { mutated } from './mutate.js';

/** JSON documents that are nearly right. */

/** What JSON.stringify would not write, in place of a value. */
const raw = [
  'NaN',
  'Infinity',
  '-0',
  '1e999',
  '1E-999',
  '0x10',
  '01',
  "'a'",
  'undefined',
  '{"a":1,"a":2}',
  '{"__proto__":{"length":3}}',
  '\\u0000',
  '1 2',
];
const mark = (i: number): string => `\u{e000}${i}`;
const marked = /"\u{e000}(\d+)"/gu;

const names = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'length',
  '',
  '0',
  '-1',
  'name',
  'finding',
  '\0',
  '\u001b[31m',
];

/** A value of any other kind. */
function stranger(draw: Draw): unknown {
  const kind = draw.whole(0, 9);
  if (kind === 0) return draw.pick([null, true, false]);
  if (kind <= 2) return draw.pick([0, -1, 1, 0.5, -0.5, 2 ** 31, 2 ** 32, 2 ** 53, -(2 ** 53), 1e21, 1e308, -1e308, 5e-324]);
  if (kind === 3) return draw.whole(-5, 300);
  if (kind <= 5)
    return draw.pick([...names, 'NaN', 'Infinity', 'null', '{}', '\ud800', '../../x', '\u202e', 'a\nb', 'x'.repeat(draw.length(5000))]);
  if (kind === 6) return draw.several(4, () => draw.pick<unknown>([1, 'a', null, [], {}, [[1]]]));
  if (kind === 7) return Object.fromEntries(draw.several(3, () => [draw.pick(names), draw.pick<unknown>([1, null, 'a', []])]));
  if (kind === 8) return nested(draw.length(2000), draw.once(2));
  return mark(draw.whole(0, raw.length - 1));
}

function nested(depth: number, list: boolean): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i++) value = list ? [value] : { a: value };
  return value;
}

type Container = Record<string, unknown> | unknown[];
const isContainer = (value: unknown): value is Container => typeof value === 'object' && value !== null;

/** As an own key even where it is `__proto__`. */
const put = (target: Container, key: string, value: unknown): void =>
  void Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });

/** Replaces, removes, adds or repeats something at a random place. */
function change(root: Container, draw: Draw): void {
  let target = root;
  for (;;) {
    const below = Object.values(target).filter(isContainer);
    if (below.length === 0 || draw.once(3)) break;
    target = draw.pick(below);
  }
  const keys = Object.keys(target);
  const key = keys.length === 0 ? '0' : draw.pick(keys);
  const kind = draw.whole(0, 9);
  if (kind <= 5) put(target, key, stranger(draw));
  else if (kind === 6 && Array.isArray(target)) target.splice(Number(key), 1);
  else if (kind === 6) delete (target as Record<string, unknown>)[key];
  else if (kind === 7 && Array.isArray(target)) target.push(...Array(draw.length(500)).fill(target[0]));
  else if (kind === 7) put(target, key, Object.values(target)[draw.whole(0, Math.max(0, keys.length - 1))]);
  else put(target, Array.isArray(target) ? String(target.length) : draw.pick(names), stranger(draw));
}

/** The text of a document like `good`, the JSON of one that is right. */
export function nearlyJson(good: string, draw: Draw): Uint8Array {
  if (draw.once(12)) return text(good);
  if (draw.once(8)) return mutated(text(good), draw);
  const root: unknown = draw.once(30) ? stranger(draw) : JSON.parse(good);
  if (isContainer(root)) for (let i = draw.whole(1, 3); i > 0; i--) change(root, draw);
  const json = JSON.stringify(root, null, draw.pick([0, 1])).replaceAll(marked, (_, i: string) => raw[Number(i)] as string);
  return draw.once(15) ? mutated(text(json), draw) : text(json);
}

/** Large documents, whose readers must not take time or memory out of proportion. */
export function bulkJson(size: number, draw: Draw): Uint8Array {
  const units: readonly ((n: number) => string)[] = [
    (n) => '['.repeat(n / 2) + ']'.repeat(n / 2),
    (n) => `${'{"a":'.repeat(n / 6)}1${'}'.repeat(n / 6)}`,
    (n) => `[${'[],'.repeat(n / 3)}1]`,
    (n) => `[${'{},'.repeat(n / 3)}1]`,
    (n) => `[${'"a",'.repeat(n / 4)}"b"]`,
    (n) => `{${Array.from({ length: n / 12 }, (_, i) => `"${i.toString(36)}":"",`).join('')}"z":1}`,
    (n) => `"${'\\u0041'.repeat(n / 6)}"`,
    (n) => `"${'.'.repeat(n)}"`,
    (n) => ' '.repeat(n),
    (n) => '9'.repeat(n),
  ];
  return text(draw.pick(units)(size));
}

/** A damaged file of lines, each a JSON document, below a `head` that stays. */
export function nearlyLines(good: readonly string[], draw: Draw, head?: string): Uint8Array {
  const lines = [...good];
  for (let i = draw.whole(0, 3); i > 0 && lines.length > 0; i--) {
    const at = draw.whole(0, lines.length - 1);
    const kind = draw.whole(0, 5);
    if (kind === 0) lines.splice(at, 1);
    else if (kind === 1) lines.splice(at, 0, lines[draw.whole(0, lines.length - 1)] as string);
    else if (kind === 2) lines[at] = draw.pick(['', '\0'.repeat(draw.length(4096)), ' ', 'null', '[]', '{', '0']);
    else lines[at] = new TextDecoder().decode(good.includes(lines[at] as string) ? nearlyJson(lines[at] as string, draw) : text('{}'));
  }
  const end = draw.pick(['\n', '\n', '', '\r\n', '\n\n', '\n{"kind":"st']);
  const file = text([...(head === undefined ? [] : [head]), ...lines].join('\n') + end);
  return draw.once(6) ? mutated(file, draw) : file;
}

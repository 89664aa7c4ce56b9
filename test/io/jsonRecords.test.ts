import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { listRecords, objectRecords } from '../../src/io/jsonRecords.js';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);

function list(text: string): readonly unknown[] {
  const values: unknown[] = [];
  listRecords(encode(text), 'list', (value, path) => {
    expect(path).toBe(`list[${values.length}]`);
    values.push(value);
  });
  return values;
}

function lists(text: string, ...keys: readonly string[]): Readonly<Record<string, unknown[]>> {
  const found = Object.fromEntries(keys.map((key) => [key, [] as unknown[]]));
  const visits = keys.map((key) => [key, (value: unknown) => void found[key]?.push(value)] as const);
  objectRecords(encode(text), Object.fromEntries(visits));
  return found;
}

const json = fc.json({ maxDepth: 3 }).map((text) => JSON.parse(text) as unknown);
const indent = fc.constantFrom(undefined, 1, '\t', '\r\n');

describe('values come as JSON.parse has them', () => {
  test('of a list', () => {
    fc.assert(
      fc.property(fc.array(json), indent, (values, space) => {
        expect(list(JSON.stringify(values, undefined, space))).toEqual(values);
      }),
    );
  });

  test('of two lists in an object, whatever else is in it', () => {
    const text = fc.tuple(fc.array(json), fc.array(json), fc.dictionary(fc.string(), json), indent);
    fc.assert(
      fc.property(text, ([a, b, others, space]) => {
        const whole = { x: others, ...others, a, y: null, b, z: '"]}\\' };
        expect(lists(JSON.stringify(whole, undefined, space), 'a', 'b')).toEqual({ a, b });
      }),
    );
  });

  test('behind a byte order mark', () => {
    expect(list('\uFEFF [1]\n')).toEqual([1]);
  });
});

test('a text that is cut short or has one character too many is refused', () => {
  const text = JSON.stringify({ a: [{ b: [1, '"\\'] }, -2.5e3, true, null, 'ü'], c: { d: [] } });
  expect(lists(text, 'a').a?.length).toBe(5);
  for (let end = 0; end < text.length; end++) expect(() => lists(text.slice(0, end), 'a')).toThrow(InputError);
  for (const more of [']', '}', ',', '1', '"']) expect(() => lists(text + more, 'a')).toThrow(InputError);
});

test.each([
  ['', 'is empty, not JSON'],
  [' \n', 'is empty, not JSON'],
  ['{}', 'list must be a list, not an object at byte 0'],
  ['3', 'list must be a list, not "3" at byte 0'],
  ['[1', 'is not JSON (expected , or ], found the end of the file)'],
  ['[1 2]', 'is not JSON (expected , or ], found "2]" at byte 3)'],
  ['[1,]', 'list[1]: is empty, not JSON'],
  ['[1,{"a":NaN}]', 'list[1]: is not JSON (Unexpected token'],
  ['[{"a":[1}]', 'list[0]: is not JSON ('],
  ['[{"a":1]', 'is not JSON ('],
  ['["a]', 'is not JSON (the file ends within the value at byte 1)'],
  ['[1] x', 'is not JSON (expected the end of the file, found "x" at byte 4)'],
  [`[${'['.repeat(200)}${']'.repeat(200)}]`, 'list[0]: is JSON of more than 100 lists or objects in each other'],
])('%j as a list: %s', (text, message) => {
  expect(() => list(text)).toThrow(message);
});

test.each([
  ['[]', 'must be an object, not a list at byte 0'],
  ['{"a":[1]}', 'b is missing: it must be a list'],
  ['{"a":{},"b":[]}', 'a must be a list, not an object at byte 5'],
  ['{"a":[],"a":[],"b":[]}', 'a stands twice'],
  ['{"a" []}', 'is not JSON (expected :, found a list at byte 5)'],
  ['{a:[]}', 'a key: is not JSON ('],
  ['{"x":1 "a":[]}', 'is not JSON (expected , or }, found text at byte 7)'],
])('%j as an object of a and b: %s', (text, message) => {
  expect(() => lists(text, 'a', 'b')).toThrow(message);
});

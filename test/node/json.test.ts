import { expect, test } from 'vitest';
import { InputError, SenetError } from '../../src/errors.js';
import { parseJson } from '../../src/io/jsonText.js';

test('is JSON.parse', () => {
  const value = { a: [1, 'x\\"[[[', { b: null }], '\\': '"{,' };
  expect(parseJson(JSON.stringify(value))).toEqual(value);
});

test.each([
  ['', 'is empty, not JSON'],
  [' \n', 'is empty, not JSON'],
  ['\0\0', 'is not JSON'],
  ['{"a": 1', 'is not JSON'],
  [`${'['.repeat(101)}${']'.repeat(101)}`, 'is JSON of more than 100 lists or objects in each other'],
])('%j: %s', (text, message) => {
  expect(() => parseJson(text)).toThrow(InputError);
  expect(() => parseJson(text)).toThrow(message);
});

test('a file of a million lists is refused before they are built; one of a million digits is not', () => {
  expect(() => parseJson(`[${'[],'.repeat(1e6)}0]`)).toThrow(SenetError);
  expect(() => parseJson(`[${'{},'.repeat(1e6)}0]`)).toThrow(/expected a file whose objects take at most/);
  expect(parseJson(`["${'[,'.repeat(1e6)}"]`)).toHaveLength(1);
  expect(parseJson(`[${Array.from({ length: 1e5 }, () => '0.12345').join(',')}]`)).toHaveLength(1e5);
});

import { expect, test } from 'vitest';
import { SenetError, WeightsError } from '../../src/errors.js';
import { escapeMarkup } from '../../src/report/format.js';
import { table } from '../../src/report/table.js';
import { visible, visibleLines } from '../../src/report/visible.js';

test.each([
  ['\u001b[2J', '\\u001b[2J'],
  ['a\rb\nc\td\0', 'a\\u000db\\u000ac\\u0009d\\u0000'],
  ['\u007f\u0080\u009b31m\u009f', '\\u007f\\u0080\\u009b31m\\u009f'],
  ['\u202egpj.\u202c \u2066\u2069\u200e\u200f\u061c', '\\u202egpj.\\u202c \\u2066\\u2069\\u200e\\u200f\\u061c'],
  ['\u2028\u2029\uffff', '\\u2028\\u2029\\uffff'],
  ['naïve 日本語 👩‍👩‍👧 עברית — “×”', 'naïve 日本語 👩‍👩‍👧 עברית — “×”'],
])('%j is shown as %j', (text, shown) => {
  expect(visible(text)).toBe(shown);
  expect(JSON.parse(visible(JSON.stringify(text)))).toBe(text);
});

test('lines stay lines where there are several', () => expect(visibleLines('a\nb\r')).toBe('a\nb\\u000d'));

test('markup has no character that XML has no place for', () => {
  expect(escapeMarkup('<a title="&">\u0000\u001b]]>\ufffe')).toBe('&lt;a title=&quot;&amp;&quot;>\\u0000\\u001b]]&gt;\\ufffe');
});

test('a cell of a table can break neither the line nor the table', () => {
  const [, , first, second, ...rest] = table([
    ['name', 'size'],
    ['a\nb', '1'],
    ['x'.repeat(100_000), '2'],
  ]).split('\n');
  expect([first?.startsWith('a\\u000ab'), rest]).toEqual([true, []]);
  expect(second?.length).toBeLessThan(400);
});

test('a message has at most about 2,000 characters, with its beginning and its end', () => {
  const { message } = new WeightsError(`a.pth: ${'.'.repeat(100_000)}`, { shapes: { expected: [1], found: [2] } });
  expect(message.length).toBeLessThan(2100);
  expect(message).toMatch(/^a\.pth: \.+ … 9\d{4} characters more … \.+, expected \[1\], found \[2\]$/);
  expect(new SenetError('x'.repeat(2000)).message).toBe('x'.repeat(2000));
});

import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { Budget } from '../../src/io/budget.js';
import { unpickle } from '../../src/io/pickle.js';
import { TruncatedPickle } from '../../src/io/pickleMachine.js';
import type { Inert, PickleNames } from '../../src/io/pickleValue.js';
import { concatBytes, text } from '../support/files/bytes.js';
import { type Pickled, pickle } from '../support/files/pickle.js';

/** Names that stand for themselves, and calls that only say that they were made. */
const names: PickleNames = {
  global: (name) => ({ kind: name }),
  call: (global, args) => [global, args as never],
  persistent: (id) => ['persistent', id],
};
const read = (bytes: Uint8Array) => unpickle(bytes, 0, names, new Budget(bytes.length));
const unpickled = (value: Pickled) => read(pickle(value)).value;
/** A program of raw opcodes, in protocol 2, that ends as it should. */
const programOf = (...parts: readonly (string | number)[]): Uint8Array =>
  concatBytes([Uint8Array.of(0x80, 2), ...parts.map((part) => (typeof part === 'string' ? text(part) : Uint8Array.of(part))), text('.')]);

describe('values', () => {
  test.each<[string, Pickled, unknown]>([
    ['none', null, null],
    ['true', true, true],
    ['a byte', 255, 255],
    ['two bytes', 256, 256],
    ['four bytes', 70_000, 70_000],
    ['less than nothing', -70_000, -70_000],
    ['beyond 32 bits', 2 ** 40, 2 ** 40],
    ['beyond 2^53', 0x1950a86a20f9469cfc6cn, 0x1950a86a20f9469cfc6cn],
    ['far below nothing', -(2n ** 70n), -(2n ** 70n)],
    ['a float', 0.1, 0.1],
    ['text', 'größe', 'größe'],
    ['tuples', { tuple: [{ tuple: [] }, { tuple: [1] }, { tuple: [1, 2] }, { tuple: [1, 2, 3, 4] }] }, [[], [1], [1, 2], [1, 2, 3, 4]]],
    ['a list', { list: [1, 'a', { list: [] }] }, [1, 'a', []]],
    [
      'a dictionary',
      {
        dict: [
          ['a', 1],
          [2, null],
        ],
      },
      new Map<unknown, unknown>([
        ['a', 1],
        [2, null],
      ]),
    ],
    ['a call', { call: { global: 'a.b.c' }, args: [1] }, [{ kind: 'a.b.c' }, [1]]],
    ['a reference', { persistent: { tuple: ['x'] } }, ['persistent', ['x']]],
  ])('%s', (_, value, expected) => {
    expect(unpickled(value)).toEqual(expected);
  });

  test('texts of Python 2, memos, single items, marks, and attributes, which are dropped', () => {
    expect(read(programOf('U', 1, 'a')).value).toBe('a');
    expect(read(programOf('T', 1, 0, 0, 0, 'a')).value).toBe('a');
    expect(read(programOf('K', 7, 'q', 3, 'h', 3, 0x86)).value).toEqual([7, 7]);
    expect(read(programOf('K', 7, 'r', 3, 1, 0, 0, 'j', 3, 1, 0, 0, 0x86)).value).toEqual([7, 7]);
    expect(read(programOf(']', 'K', 1, 'a')).value).toEqual([1]);
    expect(read(programOf('}', 'K', 1, 'K', 2, 's')).value).toEqual(new Map([[1, 2]]));
    expect(read(programOf('}', '}', 'b')).value).toEqual(new Map());
  });

  /** A byte a character, and without the opcode that names a protocol: older ones have none. */
  const oldProgram = (lines: string): unknown => read(Uint8Array.from(lines, (character) => character.charCodeAt(0))).value;

  test.each<[string, string, unknown]>([
    ['whole numbers', '(I7\nI-70000\nL5L\nL-6\nt.', [7, -70_000, 5, -6]],
    ['truth', '(I00\nI01\nt.', [false, true]],
    ['beyond 2^53', 'L119547037146038801333356L\n.', 0x1950a86a20f9469cfc6cn],
    ['floats', '(F0.1\nF-1e-07\nF1e+300\nFinf\nF-inf\nFnan\nt.', [0.1, -1e-7, 1e300, Infinity, -Infinity, Number.NaN]],
    ["Python 2's text", `${String.raw`S'a\\\'"\x00\xff\n\t'`}\n.`, 'a\\\'"\0ÿ\n\t'],
    ["Python 2's text with other quotes", `S"it's"\n.`, "it's"],
    ['what no backslash stands before', `${String.raw`S'\q\0\101'`}\n.`, '\\q\0A'],
    ['text', 'Vgr\u00f6\\u00dfe \\U0001f40e\\u000a\n.', 'größe \u{1f40e}\n'],
    ['a list, a dictionary, and one again', '((lp0\nI1\nag0\n(dp1\nS"a"\nI2\nst.', [[1], [1], new Map([['a', 2]])]],
    [
      'a dictionary made at once',
      '(Va\nI1\nVb\nI2\nd.',
      new Map<unknown, unknown>([
        ['a', 1],
        ['b', 2],
      ]),
    ],
    ['a value twice', 'I3\n2\x86.', [3, 3]],
    ['a reference', 'Pkey\n.', ['persistent', 'key']],
    [
      'objects of old classes',
      '((I1\nia.b\nC\n(ca.b\nC\nI2\not.',
      [
        [{ kind: 'a.b.C' }, [1]],
        [{ kind: 'a.b.C' }, [2]],
      ],
    ],
  ])('protocols 0 and 1: %s', (_, lines, expected) => {
    expect(oldProgram(lines)).toEqual(expected);
  });

  test("long text of Python 2's protocol 0 is bytes", () => {
    const bytes = new Uint8Array(2000).fill(0xff);
    expect(oldProgram(`S'${'\\xff'.repeat(2000)}'\n.`)).toEqual({ kind: 'inert', what: 'str', bytes });
  });

  test('protocols 4 and 5: frames, globals on the stack, memos without numbers, long texts', () => {
    const u64 = (length: number) => [length, 0, 0, 0, 0, 0, 0, 0];
    expect(read(concatBytes([Uint8Array.of(0x80, 5, 0x95, ...u64(9)), text('K\x01.')])).value).toBe(1);
    expect(read(programOf(0x8c, 1, 'a', 0x8c, 3, 'b.c', 0x93)).value).toEqual({ kind: 'a.b.c' });
    expect(read(programOf('K', 7, 0x94, 'K', 8, 0x94, 'h', 0, 0x87)).value).toEqual([7, 8, 7]);
    expect(read(programOf(0x8d, ...u64(2), 'ab')).value).toBe('ab');
    expect(read(programOf('ca\nb\n', 0x8c, 1, 'x', 0x85, 0x81)).value).toEqual([{ kind: 'a.b' }, ['x']]);
    expect(read(programOf('ca\nb\n', ')', '}', 0x92)).value).toEqual([{ kind: 'a.b' }, []]);
  });

  test.each<[string, Uint8Array, string]>([
    ['a whole number of kilobits', programOf(0x8b, 2, 0, 0, 0, 1, 1), 'int'],
    ['a set', programOf(0x8f, '(', 'K', 1, 0x90), 'set'],
    ['a frozen set', programOf('(', 'K', 1, 0x91), 'frozenset'],
  ])('%s: of no use, and so inert', (_, bytes, what) => {
    expect(read(bytes).value).toEqual({ kind: 'inert', what });
  });

  test.each<[string, Uint8Array, string]>([
    ['bytes', programOf('C', 2, 'ab'), 'bytes'],
    ['long bytes', programOf('B', 2, 0, 0, 0, 'ab'), 'bytes'],
    ['longer bytes', programOf(0x8e, 2, 0, 0, 0, 0, 0, 0, 0, 'ab'), 'bytes'],
    ['a bytearray', programOf(0x96, 2, 0, 0, 0, 0, 0, 0, 0, 'ab'), 'bytearray'],
  ])('%s are a view of the file', (_, bytes, what) => {
    const { value } = read(bytes);
    expect(value).toEqual({ kind: 'inert', what, bytes: text('ab') });
    expect((value as Inert).bytes?.buffer).toBe(bytes.buffer);
  });

  test('long text of Python 2 is bytes', () => {
    const long = programOf('T', 0xd0, 7, 0, 0, ...Array.from({ length: 2000 }, () => 0xff));
    expect(read(long).value).toEqual({ kind: 'inert', what: 'str', bytes: new Uint8Array(2000).fill(0xff) });
    expect(read(programOf('T', 1, 0, 0, 0, 0xff)).value).toBe('ÿ');
  });

  test('an inert object takes items and attributes as dictionaries, and drops items of a list', () => {
    const items = new Map<unknown, unknown>([['a', 1]]);
    expect(read(programOf(0x8f, 'U', 1, 'a', 'K', 1, 's')).value).toEqual({ kind: 'inert', what: 'set', items });
    expect(read(programOf(0x8f, 'K', 1, 'a', '}', 'b')).value).toEqual({ kind: 'inert', what: 'set', attributes: new Map() });
    expect(read(programOf(0x8f, 'N', 'b')).value).toEqual({ kind: 'inert', what: 'set' });
  });

  test('values that are taken away again, marks among them', () => {
    expect(read(programOf('K', 1, 'K', 2, '0')).value).toBe(1);
    expect(read(programOf('K', 1, '(', '0')).value).toBe(1);
    expect(read(programOf('K', 1, '(', 'K', 2, 'K', 3, '1')).value).toBe(1);
  });

  test('text that is not UTF-8, as of Python 2 or with half a character, is each its own', () => {
    expect(read(programOf('U', 1, 0xff)).value).toBe('ÿ');
    expect(read(programOf('X', 3, 0, 0, 0, 0xed, 0xb3, 0xbf)).value).not.toBe(read(programOf('X', 3, 0, 0, 0, 0xed, 0xb3, 0xbe)).value);
  });

  test('a list keeps what may be of use: the first of its numbers, and all else', () => {
    const [first, ...rest] = read(programOf(']', '(', ...'K\x01'.repeat(5000), 'N', 'e')).value as unknown[];
    expect([first, rest.length, rest.at(-1)]).toEqual([1, 1000, null]);
  });

  test('a pickle ends where it says, whatever follows', () => {
    expect(read(concatBytes([pickle(1), text('rest')])).end).toBe(pickle(1).length);
  });
});

describe('what is refused', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['a whole number that is none', programOf('I1x\n'), /expected a whole number in the line that ends at byte 5/],
    ['a number that is none', programOf('F\n'), /expected a number in the line/],
    ['more digits than a number has', programOf('L', '7'.repeat(1001), 'L\n'), /expected a whole number/],
    ['a text without quotes', programOf('Sabc\n'), /expected a text in quotes/],
    ['a text whose quote is not closed', programOf("S'\n"), /expected a text in quotes/],
    ['a character beyond all', programOf('V\\U00110000\n'), /expected a text in the line/],
    ['a memo entry that has no number', programOf('Np-1\n'), /the number of a memo entry/],
    ['a line that does not end', Uint8Array.of(0x49, 0x31), /expected a line at byte 1, found the end/],
    ['an object of no class', programOf('(o'), /expected a class/],
    ['an object outside of the pickle', programOf(0x97), /found NEXT_BUFFER \(0x97\)/],
    ['one that is none', programOf(0xff), /found none \(0xff\)/],
    ['a newer protocol', Uint8Array.of(0x80, 6, 0x2e), /protocol 0 to 5, found 6/],
    ['a global without a name', programOf('N', 'N', 0x93), /the name of a global/],
    ['an empty stack', programOf(), /1 values on the stack/],
    ['a tuple of too few', programOf('N', 0x86), /2 values on the stack/],
    ['values below a mark', programOf('N', '(', 'q', 0), /1 values on the stack/],
    ['no mark', programOf('N', 't'), /a mark on the stack/],
    ['items for what is no dictionary', programOf('N', 'N', 'N', 's'), /for a dictionary/],
    ['a key without a value', programOf('}', '(', 'N', 'u'), /keys and values/],
    ['items for what is no list', programOf('N', 'N', 'a'), /a list to append to/],
    ['a memo entry that was never made', programOf('h', 9), /a memo entry 9/],
    ['arguments that are no tuple', programOf('ca\nb\n', 'N', 'R'), /a tuple of arguments/],
  ])('%s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(WeightsError);
    expect(() => read(bytes)).toThrow(message);
  });

  test.each([
    ['lists of a byte each', ']'.repeat(2 ** 21)],
    ['dictionaries of a byte each', '}'.repeat(2 ** 21)],
    ['a stack of nothing', 'N'.repeat(2 ** 21)],
    ['marks', '('.repeat(2 ** 21)],
    ['sets', '\x8f'.repeat(2 ** 20)],
    ['texts in sets', 'U\x01aq\x01'.concat('\x8f(h\x01\x90'.repeat(2 ** 18))],
    ['objects', `ca\nb\n${')R'.repeat(2 ** 20)}`],
    ['a dictionary again and again', `}${'q\0h\0K\x01Ks'.repeat(2 ** 18)}`],
    [
      'memo entries far apart',
      Array.from({ length: 2 ** 18 }, (_, i) => `Nr${String.fromCharCode(i & 127, (i >> 7) & 127, (i >> 14) & 127, 1)}0`).join(''),
    ],
  ])('%s beyond four times the file', (_, program) => {
    const bytes = concatBytes([Uint8Array.of(0x80, 2), Buffer.from(program, 'latin1'), text('.')]);
    expect(() => read(bytes)).toThrow(/objects take at most \d+ bytes of memory/);
  });

  test('every cut of a pickle is told from damage, so that more can be read', () => {
    const bytes = pickle({ dict: [['a', { call: { global: 'x.y' }, args: [1.5, 2 ** 40, 'text', { list: [null] }] }]] });
    for (let length = 0; length < bytes.length; length++) expect(() => read(bytes.subarray(0, length))).toThrow(TruncatedPickle);
  });
});

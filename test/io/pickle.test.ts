import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { Budget } from '../../src/io/budget.js';
import { unpickle } from '../../src/io/pickle.js';
import { TruncatedPickle } from '../../src/io/pickleMachine.js';
import type { PickleNames } from '../../src/io/pickleValue.js';
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

  test('a pickle ends where it says, whatever follows', () => {
    expect(read(concatBytes([pickle(1), text('rest')])).end).toBe(pickle(1).length);
  });
});

describe('what is refused', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['an opcode that PyTorch does not write', programOf('0'), /found POP \(0x30\) at byte 2/],
    ['one that makes objects', programOf('cos\nsystem\n', ')', 0x81), /found NEWOBJ \(0x81\)/],
    ['one that is none', programOf(0xff), /found none \(0xff\)/],
    ['another protocol', Uint8Array.of(0x80, 4, 0x2e), /protocol 2, which PyTorch writes, found 4/],
    ['an empty stack', programOf(), /1 values on the stack/],
    ['a tuple of too few', programOf('N', 0x86), /2 values on the stack/],
    ['values below a mark', programOf('N', '(', 'q', 0), /1 values on the stack/],
    ['no mark', programOf('N', 't'), /a mark on the stack/],
    ['items for what is no dictionary', programOf('N', 'N', 'N', 's'), /for a dictionary/],
    ['a key without a value', programOf('}', '(', 'N', 'u'), /keys and values/],
    ['items for what is no list', programOf('N', 'N', 'a'), /a list to append to/],
    ['a memo entry that was never made', programOf('h', 9), /a memo entry 9/],
    ['arguments that are no tuple', programOf('ca\nb\n', 'N', 'R'), /a tuple of arguments/],
    ['text that is not UTF-8', programOf('U', 1, 0xff), /text in UTF-8/],
  ])('%s', (_, bytes, message) => {
    expect(() => read(bytes)).toThrow(WeightsError);
    expect(() => read(bytes)).toThrow(message);
  });

  test('millions of objects of a byte each', () => {
    expect(() => read(programOf(']'.repeat(2 ** 22)))).toThrow(/at most 4194304 opcodes/);
  });

  test('every cut of a pickle is told from damage, so that more can be read', () => {
    const bytes = pickle({ dict: [['a', { call: { global: 'x.y' }, args: [1.5, 2 ** 40, 'text', { list: [null] }] }]] });
    for (let length = 0; length < bytes.length; length++) expect(() => read(bytes.subarray(0, length))).toThrow(TruncatedPickle);
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/checkpoints/index.js';
import { WeightsError } from '../../src/errors.js';
import { bytesOf, concatBytes } from '../support/files/bytes.js';
import type { Pickled } from '../support/files/pickle.js';
import { type TorchItem, torchLegacy, torchZip, whole } from '../support/files/torch.js';

/** Files that PyTorch itself wrote: fixtures/torch/generate.py. */
interface Expected {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly bits: readonly number[] | null;
}

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/torch/${name}`, import.meta.url));
const expectedOf = (name: string): Record<string, Expected> => JSON.parse(new TextDecoder().decode(fixture(`${name}.json`)));

const dtypeNames: Readonly<Record<string, string>> = {
  'torch.float32': 'F32',
  'torch.float16': 'F16',
  'torch.bfloat16': 'BF16',
  'torch.float64': 'F64',
  'torch.int64': 'I64',
  'torch.int32': 'I32',
  'torch.bool': 'BOOL',
  'torch.uint8': 'U8',
};

describe.each(['layouts', 'trainer'])('%s', (name) => {
  test.each([
    ['torch', `${name}.pth`],
    ['torch-legacy', `${name}.legacy.pth`],
  ])('%s: names, order, dtypes, shapes and bits are as PyTorch has them', async (format, file) => {
    const checkpoint = await openCheckpoint(fixture(file));
    const expected = Object.entries(expectedOf(name));
    expect(checkpoint.format).toBe(format);
    expect([...checkpoint.tensors].map(([key, { dtype, shape }]) => [key, dtype, shape])).toEqual(
      expected.map(([key, { dtype, shape }]) => [key, dtypeNames[dtype], shape]),
    );
    for (const [key, { bits, shape }] of expected) {
      if (bits === null) await expect(checkpoint.load(key)).rejects.toThrow(WeightsError);
      else {
        const tensor = await checkpoint.load(key);
        expect(tensor.shape).toEqual(shape);
        expect([...new Uint32Array(Float32Array.from(tensor.data).buffer)]).toEqual(bits);
      }
    }
  });
});

test('what a trainer keeps beside the weights is metadata', async () => {
  const { metadata } = await openCheckpoint(fixture('trainer.pth'));
  expect(metadata).toEqual({ epoch: '90', arch: 'resnet50', best_acc1: '76.5' });
});

const one = (name: string, value = 1): TorchItem => ({ name, type: 'Float', shape: [1], bytes: () => bytesOf(Float32Array.of(value)) });
const tensorIn = (storage: Pickled, offset: Pickled, shape: Pickled, strides: Pickled): Pickled => ({
  call: { global: 'torch._utils._rebuild_tensor' },
  args: [storage, offset, shape, strides],
});
const storage = (size: Pickled, ...more: readonly Pickled[]): Pickled => ({
  persistent: { tuple: ['storage', { global: 'torch.FloatStorage' }, '0', 'cuda:0', size, ...more] },
});
const tuple = (...items: readonly Pickled[]): Pickled => ({ tuple: items });
/** The tensors of a file of both forms whose object is `root`, with a storage of the values 0, 1, 2, …. */
async function read(root: Pickled, values = 10, form: 'zip' | 'legacy' = 'legacy') {
  const item = { ...one('x'), bytes: () => bytesOf(Float32Array.from({ length: values }, (_, i) => i)) };
  const checkpoint = await openCheckpoint(whole(form === 'zip' ? torchZip([item], () => root) : torchLegacy([item], () => root)));
  return Promise.all([...checkpoint.tensors.keys()].map(async (name) => [name, [...(await checkpoint.load(name)).data]]));
}

/** A list in a list in a list: so deep that a recursive look at it would end in a stack overflow. */
const nested = (depth: number): Pickled => ({ opcodes: `${']'.repeat(depth)}${'a'.repeat(depth - 1)}` });
/** More of them than a small file may ask for. */
const deep = nested(100_000);

describe('forms that PyTorch 1.13 no longer writes', () => {
  test('a storage that is a part of another, and an OrderedDict of pairs, as Python 2 made them', async () => {
    const part = tensorIn(storage(10, tuple('view', 4, 3)), 1, tuple(2), tuple(1));
    const pairs: Pickled = { call: { global: 'collections.OrderedDict' }, args: [{ list: [{ list: ['part', part] }] }] };
    expect(await read(pairs)).toEqual([['part', [5, 6]]]);
  });

  test('a dictionary under the only name there is', async () => {
    const tensor = tensorIn(storage(10), 0, tuple(2, 2), tuple(1, 2));
    expect(
      await read({
        dict: [
          ['net', { dict: [['a', tensor]] }],
          ['epoch', 3],
        ],
      }),
    ).toEqual([['a', [0, 2, 1, 3]]]);
  });
});

describe.each(['zip', 'legacy'] as const)('%s: damage is a WeightsError that says so', (form) => {
  const good = tensorIn(storage(10), 0, tuple(2), tuple(1));
  test.each<[string, Pickled, RegExp]>([
    ['a name that runs commands', { call: { global: 'os.system' }, args: [good] }, /found os\.system; save its state_dict\(\) instead/],
    ['commands for tensors', { dict: [['x', { call: { global: 'os.system' }, args: [good] }]] }, /found one of x \(os\.system\)/],
    ['a call of what is no function', { call: { global: 'torch.FloatStorage' }, args: [good] }, /a call of what is no function/],
    ['a list', { list: [good] }, /a dictionary of tensors, found a list/],
    ['a tensor by itself', good, /a dictionary of tensors, found a tensor/],
    [
      'no tensors',
      {
        dict: [
          ['epoch', 1],
          ['s', storage(10)],
        ],
      },
      /a dictionary of tensors, found one of epoch, s/,
    ],
    ['a dictionary whose name is none', { dict: [[null, { dict: [['x', good]] }]] }, /found one of null/],
    ['lists in lists for a name', { dict: [[deep, good]] }, /at most \d+ bytes of memory/],
    ['a tensor beyond its storage', { dict: [['a', tensorIn(storage(10), 5, tuple(6), tuple(1))]] }, /within 10 elements/],
    ['strides beyond its storage', { dict: [['a', tensorIn(storage(10), 0, tuple(2, 2), tuple(9, 1))]] }, /within 10 elements/],
    ['a negative stride', { dict: [['a', tensorIn(storage(10), 9, tuple(2), tuple(-1))]] }, /as many strides as extents/],
    ['fewer strides than extents', { dict: [['a', tensorIn(storage(10), 0, tuple(2, 2), tuple(1))]] }, /as many strides as extents/],
    ['a fractional extent', { dict: [['a', tensorIn(storage(10), 0, tuple(1.5), tuple(1))]] }, /as many strides as extents/],
    ['countless elements', { dict: [['a', tensorIn(storage(10), 0, tuple(2 ** 40, 2 ** 40), tuple(0, 0))]] }, /within 10 elements/],
    ['more elements than the file could hold', { dict: [['a', tensorIn(storage(10), 0, tuple(2 ** 30), tuple(0))]] }, /twice the file's/],
    ['a storage of another kind', { dict: [['a', tensorIn({ tuple: ['storage'] }, 0, tuple(1), tuple(1))]] }, /to lie in a storage/],
    [
      'a part beyond its storage',
      { dict: [['a', tensorIn(storage(10, tuple('v', 8, 3)), 0, tuple(1), tuple(1))]] },
      /a part within its 10/,
    ],
    [
      'a storage larger than what is there',
      { dict: [['a', tensorIn(storage(40), 20, tuple(2), tuple(1))]] },
      /storage 0: expected an entry|expected bytes/,
    ],
  ])('%s', async (_, root, message) => {
    const error = await read(root, 10, form).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect(String(error)).toMatch(message);
  });
});

describe('containers', () => {
  const items = [one('a', 1), one('b', 2)];
  const long = { ...one('n'), type: 'Long' as const, shape: [], bytes: () => bytesOf(BigInt64Array.of(7n)) };

  test('64-bit archives, and deflated entries', async () => {
    for (const options of [{ zip64: true }, { deflated: true }]) {
      const checkpoint = await openCheckpoint(whole(torchZip([...items, long], undefined, options)));
      expect([...checkpoint.tensors.keys()]).toEqual(['a', 'b', 'n']);
      expect((await checkpoint.load('b')).data).toEqual(Float32Array.of(2));
    }
  });

  test.each([
    ['a big-endian archive', whole(torchZip(items, undefined, { byteorder: 'big' })), /little-endian values, found big-endian/],
    ['a big-endian file of old', whole(torchLegacy(items, undefined, { littleEndian: false })), /found big-endian/],
    ['a pickle of another program', whole(torchLegacy(items, undefined, { magic: 1n })), /another program wrote this pickle/],
    ['a version that is a list', whole(torchLegacy(items, undefined, { version: nested(15_000) })), /version 1001, found a list/],
    ['another version', whole(torchLegacy(items, undefined, { version: 1002 })), /version 1001, found 1002/],
    ['a file cut short', whole(torchLegacy(items)).subarray(0, -3), /within the file, found 1 at byte \d+/],
    ['bytes after the end', concatBytes([whole(torchLegacy(items)), new Uint8Array(3)]), /expected \d+ bytes, found \d+/],
    ['an archive cut short', whole(torchZip(items)).subarray(0, -3), /truncated/],
  ])('%s is a WeightsError that says so', async (_, file, message) => {
    const error = await openCheckpoint(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect(String(error)).toMatch(message);
  });
});

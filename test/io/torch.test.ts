import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/checkpoints/index.js';
import { WeightsError } from '../../src/errors.js';
import type { Source } from '../../src/io/source.js';
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

/** What trainers keep beside the weights: whatever Python can. */
describe.each([2, 3, 4, 5])("objects in pickle's protocol %i", (protocol) => {
  const name = protocol === 2 ? 'objects' : `objects.${protocol}`;
  test.each([`${name}.pth`, `${name}.legacy.pth`])('%s: the weights, and what each of the others is', async (file) => {
    const { tensors, states } = await openCheckpoint(fixture(file));
    expect(states?.slice(0, 3).map(({ path }) => path)).toEqual(['state_dict', '', 'model_ema']);
    for (const [key, { bits, shape, dtype }] of Object.entries(expectedOf('objects'))) {
      const stored = tensors.get(key);
      expect([stored?.dtype, stored?.shape]).toEqual([dtypeNames[dtype], shape]);
      if (bits !== null) expect([...new Uint32Array(Float32Array.from((await stored?.read())?.data ?? []).buffer)]).toEqual(bits);
    }
    const beside = states?.[0]?.beside;
    const whats = { args: 'argparse.Namespace', began: 'datetime.datetime', counted: 'collections.Counter', options: '__main__.Options' };
    for (const [key, what] of Object.entries(whats)) expect(beside?.get(key)).toBe(what);
    expect(beside?.get('sparse')).toBe('torch._utils._rebuild_sparse_tensor');
    expect(beside?.get('best_acc1')).toBe('a tensor');
  });
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
const deep = nested(200_000);

describe('forms that PyTorch 1.13 no longer writes', () => {
  test('a storage that is a part of another, and an OrderedDict of pairs, as Python 2 made them', async () => {
    const part = tensorIn(storage(10, tuple('view', 4, 3)), 1, tuple(2), tuple(1));
    const pairs: Pickled = { call: { global: 'collections.OrderedDict' }, args: [{ list: [{ list: ['part', part] }] }] };
    expect(await read(pairs)).toEqual([['part', [5, 6]]]);
  });

  test('an untyped storage, whose tensor says what it holds', async () => {
    const untyped: Pickled = { persistent: { tuple: ['storage', { global: 'torch.storage.UntypedStorage' }, '0', 'cpu', 40] } };
    const tensorOf = (dtype: string): Pickled => ({
      call: { global: 'torch._utils._rebuild_tensor_v3' },
      args: [untyped, 2, tuple(3), tuple(1), false, null, { global: dtype }],
    });
    const dict: Pickled = { dict: ['float32', 'float8_e4m3fn'].map((dtype) => [dtype, tensorOf(`torch.${dtype}`)]) };
    expect(await read(dict, 10, 'zip')).toEqual([['float32', [2, 3, 4]]]);
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

describe('proportion', () => {
  const valueAt = (i: number): number => (i * 2654435761) % 65536;
  /** A file of one storage of `values` values, and how many of its bytes were read. */
  const counted = (root: Pickled, values: number, deflated: boolean) => {
    const item = { ...one('x'), bytes: () => bytesOf(Float32Array.from({ length: values }, (_, i) => valueAt(i))) };
    const bytes = whole(torchZip([item], () => root, { deflated }));
    let read = 0;
    const source: Source = {
      size: bytes.length,
      read: async (begin, length) => {
        read += length;
        return bytes.subarray(begin, begin + length);
      },
    };
    return { source, read: () => read };
  };
  const good = tensorIn(storage(10), 0, tuple(2), tuple(1));

  test('many tensors in one deflated storage: it is inflated once', async () => {
    const rows: Pickled = {
      dict: Array.from({ length: 500 }, (_, i) => [String(i), tensorIn(storage(50_000), 100 * i, tuple(100), tuple(1))]),
    };
    const { source, read } = counted(rows, 50_000, true);
    const { tensors, load } = await openCheckpoint(source);
    for (const name of tensors.keys()) await load(name);
    expect(read()).toBeLessThan(3 * source.size);
    expect((await load('499')).data[99]).toBe(valueAt(49_999));
  });

  test.each([
    ['that are all of it', tuple(400_000), tuple(1)],
    ['that lie far apart in it', tuple(2), tuple(399_999)],
  ])('tensors of one storage %s come to no more than four times the file', async (_, shape, strides) => {
    const views: Pickled = { dict: Array.from({ length: 50 }, (_, i) => [String(i), tensorIn(storage(400_000), 0, shape, strides)]) };
    const { load } = await openCheckpoint(counted(views, 400_000, false).source);
    for (let i = 0; i < 50; i++) await load('0'); // again and again is no more
    for (const name of ['1', '2', '3']) await load(name);
    await expect(load('4')).rejects.toThrow(/tensor 4: .*at most \d+ bytes of memory/);
  });

  test('a tensor that no network needs may repeat elements as often as it likes', async () => {
    const repeated = tensorIn(storage(10), 0, tuple(2 ** 30), tuple(0));
    const { load } = await openCheckpoint(
      counted(
        {
          dict: [
            ['a', good],
            ['mask', repeated],
          ],
        },
        10,
        false,
      ).source,
    );
    expect([...(await load('a')).data]).toEqual([0, 1].map(valueAt));
    await expect(load('mask')).rejects.toThrow(/twice the file's/);
  });

  test('many keys that share a dictionary: it is looked at once', async () => {
    const int32 = (i: number) => String.fromCharCode(i & 127, (i >> 7) & 127, (i >> 14) & 127, 0);
    const entries = (n: number, value: string): string => Array.from({ length: n }, (_, i) => `J${int32(i)}${value}`).join('');
    /** A dictionary of n entries under n keys. */
    const shared = (n: number): Pickled => ({ opcodes: `}q\t(${entries(n, 'N')}u0}q\v(${entries(n, 'h\t')}u` });
    const time = async (n: number): Promise<number> => {
      const { source } = counted(
        {
          dict: [
            ['state_dict', { dict: [['x', good]] }],
            ['shared', shared(n)],
          ],
        },
        2_000_000,
        false,
      );
      const before = process.cpuUsage();
      const { states } = await openCheckpoint(source);
      const { user, system } = process.cpuUsage(before);
      expect(states?.map(({ path }) => path)).toEqual(['state_dict']);
      return user + system;
    };
    await time(2000);
    const few = await time(2000);
    expect(await time(40_000)).toBeLessThan(100 * few);
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
    ['a version that is a list', whole(torchLegacy(items, undefined, { version: nested(3_000) })), /version 1001, found a list/],
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

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCheckpoint, recognise } from '../../src/checkpoints/index.js';
import { WeightsError } from '../../src/errors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { bytesOf } from '../support/files/bytes.js';
import { npy } from '../support/files/npy.js';
import { pickle } from '../support/files/pickle.js';
import { whole } from '../support/files/torch.js';
import { type ZipItem, zip } from '../support/files/zip.js';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/numpy/${name}`, import.meta.url));

describe.each(['layouts.npz', 'layouts.deflated.npz'])("NumPy's own %s", (file) => {
  interface Expected {
    readonly shape: readonly number[];
    readonly bits: readonly number[] | null;
  }
  const expected = Object.entries(JSON.parse(new TextDecoder().decode(fixture('layouts.json'))) as Record<string, Expected>);

  test('names, shapes and bits, of both orders of bytes and of axes', async () => {
    const { format, tensors } = await openCheckpoint(fixture(file));
    expect(format).toBe('numpy');
    expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual(expected.map(([name, { shape }]) => [name, shape]));
    for (const [name, { bits }] of expected) {
      const read = tensors.get(name)?.read() as Promise<{ readonly data: ArrayLike<number> }>;
      if (bits === null) await expect(read).rejects.toThrow(`tensor ${name}: expected floating-point values, found `);
      else expect([...new Uint32Array(Float32Array.from((await read).data).buffer)]).toEqual(bits);
    }
  });
});

describe('what NumPy pickled, as it is no array', () => {
  const layouts = JSON.parse(new TextDecoder().decode(fixture('layouts.json'))) as Record<string, { readonly bits: readonly number[] }>;

  test.each<[string, readonly string[]]>([
    ['objects.npy', ['model']],
    ['objects.npz', ['arr_0']],
    ['objects.named.npz', ['net.model', 'ema.model']],
  ])('%s: dictionaries of arrays, by where they lie', async (file, paths) => {
    const { format, states } = await openCheckpoint(fixture(file));
    expect([format, states?.map(({ path }) => path)]).toEqual(['numpy', paths]);
    for (const { tensors } of states ?? []) {
      expect([...tensors.keys()]).toEqual(['f4little', 'f8big', 'fortran']);
      for (const [name, tensor] of tensors)
        expect([...new Uint32Array(Float32Array.from((await tensor.read()).data).buffer)]).toEqual(layouts[name]?.bits);
    }
  });

  test('an array of numbers has no name', async () => {
    await expect(openCheckpoint(npy([1], bytesOf(Float32Array.of(1))))).rejects.toThrow('found one array of NumPy (.npy)');
  });

  test('objects without a dictionary of tensors are none that is read', async () => {
    const nothing = npy([], pickle({ list: ['a'] }), { descr: '|O' });
    await expect(openCheckpoint(nothing)).rejects.toThrow(/expected a dictionary of tensors, found a list/);
    const { tensors, states } = await openCheckpoint(whole(zip([{ name: 'classes.npy', bytes: () => nothing }])));
    expect([[...tensors.keys()], states]).toEqual([['classes'], undefined]);
  });
});

test('a network by its names', async () => {
  const id = 'senet/se_resnet8_cifar10';
  const plain = syntheticWeights(createModel(id), { seed: 1 });
  const items = [...plain].map(([name, { shape, data }]) => ({ name: `${name}.npy`, bytes: () => npy(shape, bytesOf(data)) }));
  const { model, weights } = await recognise(await openCheckpoint(whole(zip(items))));
  expect(model).toBe(id);
  expect(weights).toEqual(plain);
});

describe('damage is a WeightsError that names the array', () => {
  const two = bytesOf(Float32Array.of(1, 2));
  const read = async (bytes: Uint8Array, more: Partial<ZipItem> = {}): Promise<unknown> => {
    const { tensors } = await openCheckpoint(whole(zip([{ name: 'a.npy', bytes: () => bytes, ...more }])));
    return await tensors.get('a')?.read();
  };

  test.each([1, 2, 3])('version %i is read', async (version) => {
    expect(await read(npy([2], two, { version }))).toEqual({ shape: [2], data: Float32Array.of(1, 2) });
  });

  test.each<[string, Uint8Array, RegExp]>([
    [
      'another file',
      new TextEncoder().encode('something else'),
      /array a: expected an array of NumPy \(\.npy\), found 14 bytes of something else/,
    ],
    ['no file', new Uint8Array(), /array a: expected an array of NumPy \(\.npy\), found 0 bytes/],
    ['a version to come', npy([2], two, { version: 4 }), /array a: expected version 1 to 3 of \.npy, found 4/],
    [
      'a header that is cut off',
      npy([2], two).subarray(0, 20),
      /array a: expected a header of at most 10000 bytes within the array, found \d+/,
    ],
    ['an endless header', npy([2], two, { version: 2, header: ' '.repeat(20_000) }), /array a: expected a header of at most 10000 bytes/],
    ['a header of another kind', npy([2], two, { header: '[1, 2]' }), /array a: expected a header that is a dictionary/],
    ['a program for a header', npy([2], two, { header: "__import__('os')" }), /array a: expected a header that is a dictionary/],
    ['no shape', npy([2], two, { header: "{'descr': '<f4', 'fortran_order': False}" }), /array a: expected a shape/],
    ['a negative extent', npy([-2], two), /array a: expected a shape/],
    ['values that are missing', npy([3], two), /array a: expected the values of \[3\] F32, 12 bytes, found 8/],
    ['values too many', npy([1], two), /array a: expected the values of \[1\] F32, 4 bytes, found 8/],
    [
      'a shape beyond all memory',
      npy([2 ** 31, 2 ** 31], two),
      /array a: expected the values of \[2147483648, 2147483648\] F32, too many bytes/,
    ],
    ['objects of Python that are no pickle', npy([2], two, { descr: '|O' }), /array a: pickle: expected an opcode of protocols 0 to 5/],
  ])('%s', async (_, bytes, message) => {
    await expect(read(bytes)).rejects.toThrow(WeightsError);
    await expect(read(bytes)).rejects.toThrow(message);
  });

  test('values of another CRC-32', async () => {
    await expect(read(npy([2], two), { crc: 1 })).rejects.toThrow(/CRC-32/);
  });

  test('an array by itself is no network', async () => {
    await expect(openCheckpoint(npy([2], two))).rejects.toThrow('expected a checkpoint, found one array of NumPy (.npy)');
  });
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/checkpoints/index.js';
import { WeightsError } from '../../src/errors.js';
import type { Stored } from '../../src/io/tensorFile.js';
import { type Pickled, pickle } from '../support/files/pickle.js';

const fixture = (name: string): Uint8Array => readFileSync(new URL(`../fixtures/pickles/${name}`, import.meta.url));

type Expected = Readonly<Record<string, { readonly shape: readonly number[]; readonly bits: readonly number[] | null }>>;

const { arrays, unread, tensors } = JSON.parse(new TextDecoder().decode(fixture('arrays.json'))) as {
  readonly arrays: Expected;
  readonly unread: readonly string[];
  readonly tensors: Expected;
};

/** Names, shapes and bits; whole numbers are not read. */
async function expectTensors(found: ReadonlyMap<string, Stored>, expected: Expected): Promise<void> {
  expect([...found].map(([name, { shape }]) => [name, shape])).toEqual(Object.entries(expected).map(([name, { shape }]) => [name, shape]));
  for (const [name, tensor] of found) {
    const bits = expected[name]?.bits;
    if (bits) expect([...new Uint32Array(Float32Array.from((await tensor.read()).data).buffer)]).toEqual(bits);
    else await expect(tensor.read()).rejects.toThrow(`tensor ${name}: expected floating-point values, found `);
  }
}

describe.each([0, 1, 2, 4, 5])('protocol %i, as Python writes it', (protocol) => {
  test("NumPy's arrays beside others that are not read", async () => {
    const { format, tensors: found, states } = await openCheckpoint(fixture(`arrays.${protocol}.pkl`));
    expect(format).toBe('pickle');
    await expectTensors(found, arrays);
    expect([...(states?.[0]?.others ?? [])]).toEqual(unread.map((name) => [name, 'numpy.ndarray']));
  });

  // PyTorch's references are tuples, which protocol 0 cannot write
  if (protocol > 0)
    test("NumPy's arrays that torch.save wrote", async () => {
      const { format, tensors: found, states } = await openCheckpoint(fixture(`arrays.${protocol}.pth`));
      expect([format, states?.[0]?.path]).toEqual(['torch', 'state_dict']);
      await expectTensors(found, arrays);
    });

  test("PyTorch's tensors that pickle.dump wrote", async () => {
    const { format, tensors: found } = await openCheckpoint(fixture(`tensors.${protocol}.pkl`));
    expect(format).toBe('pickle');
    await expectTensors(found, tensors);
  });
});

/** An array as Python 3 pickles it in protocol 2, some of it otherwise. */
function arrayOf({
  shape = [2],
  kind = 'f4',
  order = '<',
  values,
}: Partial<Record<'shape' | 'kind' | 'order' | 'values', unknown>>): Pickled {
  const bytes: Pickled = { call: { global: '_codecs.encode' }, args: ['\0\0\u0080?\0\0\0@', 'latin1'] };
  const tuple = (shape as readonly Pickled[]) ?? [];
  const dtype: Pickled = {
    build: { call: { global: 'numpy.dtype' }, args: [kind as string, false, true] },
    attributes: { tuple: [3, order as string, null, null, null, -1, -1, 0] },
  };
  return {
    build: { call: { global: 'numpy.core.multiarray._reconstruct' }, args: [{ global: 'numpy.ndarray' }, { tuple: [0] }, 'b'] },
    attributes: { tuple: [1, { tuple }, dtype, false, (values as Pickled | undefined) ?? bytes] },
  };
}

const read = async (array: Pickled): Promise<unknown> => {
  const { tensors: found } = await openCheckpoint(pickle({ dict: [['a', array]] }));
  return await found.get('a')?.read();
};

test('an array as NumPy 1 writes it, and as Python 2 does', async () => {
  expect(await read(arrayOf({}))).toEqual({ shape: [2], data: Float32Array.of(1, 2) });
  const half = { opcodes: 'U\x08\0\0\0@\0\0\0?' };
  expect(await read(arrayOf({ values: half }))).toEqual({ shape: [2], data: Float32Array.of(2, 0.5) });
});

describe('damage is a WeightsError', () => {
  test.each<[string, Pickled, RegExp]>([
    ['too few values', arrayOf({ shape: [3] }), /an array of NumPy: expected 12 bytes of F32, found 8/],
    ['too many', arrayOf({ shape: [1] }), /expected 4 bytes of F32, found 8/],
    ['no values', arrayOf({ values: 7 }), /expected 8 bytes of F32, found none/],
    ['a negative extent', arrayOf({ shape: [-2] }), /expected a number of bytes of F32, found 8/],
    ['extents beyond all memory', arrayOf({ shape: [2 ** 31, 2 ** 31] }), /expected a number of bytes/],
    ['more axes than NumPy has', arrayOf({ shape: Array.from({ length: 65 }, () => 1) }), /expected a number of bytes/],
    [
      'text that is no bytes',
      arrayOf({ values: { call: { global: '_codecs.encode' }, args: ['1234567π', 'latin1'] } }),
      /found a text with character 960/,
    ],
    ['numbers of another kind', arrayOf({ kind: 'c8' }), /expected a dictionary of tensors, found one of a \(numpy\.ndarray\)/],
    [
      'a storage that is no file',
      { call: { global: 'torch.storage._load_from_bytes' }, args: [{ call: { global: '_codecs.encode' }, args: ['', 'latin1'] }] },
      /found the end/,
    ],
  ])('%s', async (_, array, message) => {
    await expect(read(array)).rejects.toThrow(WeightsError);
    await expect(read(array)).rejects.toThrow(message);
  });
});

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openCheckpoint } from '../../src/checkpoints/index.js';
import { SenetError, WeightsError } from '../../src/errors.js';
import { openGguf } from '../../src/io/gguf.js';
import { bfloatsFromFloats, floatsFromBfloats, floatsFromHalves, halvesFromFloats } from '../../src/io/half.js';
import { bytesSource } from '../../src/io/source.js';
import type { TensorFile } from '../../src/io/tensorFile.js';
import { sizeOf, type Tensor } from '../../src/tensor.js';
import { seeded, seeds } from '../support/arbitraries.js';
import { bytesOf, concatBytes, text, u32, u64 } from '../support/files/bytes.js';
import { type GgufTensor, type GgufValue, gguf, ggufParts, type PlainKind } from '../support/files/gguf.js';

const open = (file: Uint8Array): Promise<TensorFile> => openGguf(bytesSource(file));
const readAll = async ({ tensors }: TensorFile): Promise<readonly (readonly [string, Tensor])[]> =>
  Promise.all([...tensors].map(async ([name, { read }]) => [name, await read()] as const));

const f32 = (name: string, tensor: Tensor): GgufTensor => ({
  name,
  type: 'F32',
  shape: tensor.shape,
  bytes: bytesOf(tensor.data),
});
const plain = (kind: PlainKind, value: number | bigint | boolean): GgufValue => ({ kind, value });
const string = (value: string): GgufValue => ({ kind: 'string', value });
const list = (of: PlainKind, ...values: readonly (number | bigint | boolean)[]): GgufValue => ({
  kind: 'array',
  of,
  values: values.map((value) => plain(of, value)),
});

/** Any types that are read, with the values that they round to. */
const stores = {
  F32: (data: Float32Array) => ({ bytes: bytesOf(data), rounded: data }),
  F16: (data: Float32Array) => {
    const halves = halvesFromFloats(data);
    return { bytes: bytesOf(halves), rounded: floatsFromHalves(halves) };
  },
  BF16: (data: Float32Array) => {
    const bfloats = bfloatsFromFloats(data);
    return { bytes: bytesOf(bfloats), rounded: floatsFromBfloats(bfloats) };
  },
  F64: (data: Float32Array) => ({ bytes: bytesOf(new Float64Array(data)), rounded: data }),
} as const;

const tensors = () =>
  fc.uniqueArray(
    fc.record({
      name: fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', '7', '\ufeffa', '')),
      type: fc.constantFrom(...(Object.keys(stores) as (keyof typeof stores)[])),
      shape: fc.array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 }),
      seed: seeds(),
    }),
    { selector: ({ name }) => new TextDecoder().decode(text(name)), maxLength: 5 },
  );

describe('round trips', () => {
  test('names, order, extents and values, of both versions and any alignment', async () => {
    await fc.assert(
      fc.asyncProperty(tensors(), fc.constantFrom(2, 3), fc.constantFrom(1, 8, 32, 64, 4096), async (given, version, alignment) => {
        const written = given.map(({ name, type, shape, seed }) => {
          const { data } = seeded(shape, seed);
          return {
            name: new TextDecoder('utf-8', { ignoreBOM: true }).decode(text(name)),
            type,
            shape,
            ...stores[type](data as Float32Array),
          };
        });
        const metadata = [['general.alignment', plain('u32', alignment)] as const];
        const file = await open(gguf(written, { version, alignment, metadata }));
        expect(file.format).toBe('gguf');
        expect([...file.tensors].map(([name, { dtype }]) => [name, dtype])).toEqual(written.map(({ name, type }) => [name, type]));
        expect(await readAll(file)).toEqual(written.map(({ name, shape, rounded }) => [name, { shape, data: rounded }]));
      }),
    );
  });

  test("extents are turned round: ggml's fastest first becomes PyTorch's slowest first", async () => {
    const { head } = ggufParts([f32('w', seeded([2, 3, 5], 1))]);
    const at = Buffer.from(head).indexOf(concatBytes([u32(3), u64(5), u64(3), u64(2)]));
    expect(at).toBeGreaterThan(0);
    expect((await open(gguf([f32('w', seeded([2, 3, 5], 1))]))).tensors.get('w')?.shape).toEqual([2, 3, 5]);
  });

  test('no more than the head and what is asked for is read', async () => {
    const large = 100_000_000;
    const { head } = ggufParts([
      { name: 'large', type: 'F32', shape: [large / 4], bytes: new Uint8Array(0) },
      { name: 'small', type: 'F16', shape: [3], bytes: new Uint8Array(0), offset: large },
    ]);
    let read = 0;
    const { tensors } = await openGguf({
      size: 32 * Math.ceil(head.length / 32) + large + 6,
      read: async (begin, length) => {
        read += length;
        const bytes = new Uint8Array(length);
        bytes.set(head.subarray(begin, begin + length));
        return bytes;
      },
    });
    expect((await tensors.get('small')?.read())?.data).toEqual(new Float32Array(3));
    expect(read).toBeLessThan(20_000);
  });
});

test('a head is read by windows of thousands of bytes, and not number by number', async () => {
  const metadata = Array.from({ length: 2000 }, (_, i) => [`key ${i}`, plain('u8', 1)] as const);
  const file = gguf([one], { metadata });
  let reads = 0;
  const source = bytesSource(file);
  const read = (begin: number, length: number) => {
    reads++;
    return source.read(begin, length);
  };
  expect(Object.keys((await openGguf({ size: file.length, read })).metadata).length).toBe(2000);
  expect(reads).toBeLessThan(file.length / 8000);
});

describe('metadata', () => {
  const metadataOf = async (...metadata: readonly (readonly [string, GgufValue])[]) =>
    Object.entries((await open(gguf([f32('a', seeded([3], 1))], { metadata }))).metadata);

  test.each<[string, GgufValue, string]>([
    ['a text', string('food é'), 'food é'],
    ['an empty text', string(''), ''],
    ['the largest u8', plain('u8', 255), '255'],
    ['an i8', plain('i8', -1), '-1'],
    ['a u16', plain('u16', 65535), '65535'],
    ['an i16', plain('i16', -2), '-2'],
    ['a u32', plain('u32', 4294967295), '4294967295'],
    ['an i32', plain('i32', -3), '-3'],
    ['a u64 beyond 2^53', plain('u64', 2n ** 64n - 1n), '18446744073709551615'],
    ['an i64', plain('i64', -(2n ** 63n)), '-9223372036854775808'],
    ['a float32 in as few digits as tell it', plain('f32', 0.485), '0.485'],
    ['a float32 that takes nine digits', plain('f32', 1000 + 2 ** -14), '1000.00006'],
    ['a float32 that is no number', plain('f32', Number.NaN), 'NaN'],
    ['a float64', plain('f64', 0.1), '0.1'],
    ['an infinity', plain('f64', Number.NEGATIVE_INFINITY), '-Infinity'],
    ['true', plain('bool', true), 'true'],
    ['false', plain('bool', false), 'false'],
    ['a list of numbers', list('f32', 0.5, 0.485, -1), '[0.5,0.485,-1]'],
    ['a list of 64 bits', list('u64', 2n ** 53n + 1n), '[9007199254740993]'],
    ['a list of what JSON has no number for', list('f32', Number.NaN, Infinity), '["NaN","Infinity"]'],
    ['a list of nothing', list('u8'), '[]'],
    ['a list of texts', { kind: 'array', of: 'string', values: [string('a"b'), string('')] }, '["a\\"b",""]'],
  ])('%s', async (_, value, expected) => {
    expect(await metadataOf(['before', string('1')], ['key', value], ['after', string('2')])).toEqual([
      ['before', '1'],
      ['key', expected],
      ['after', '2'],
    ]);
  });

  const texts = (count: number): readonly GgufValue[] => Array.from({ length: count }, (_, i) => string(String(i)));
  test.each<[string, GgufValue]>([
    ['more than 4096 numbers', list('u8', ...new Array<number>(4097).fill(1))],
    ['more than 4096 texts', { kind: 'array', of: 'string', values: texts(4097) }],
    ['lists', { kind: 'array', of: 'array', values: [list('u8', 1, 2), { kind: 'array', of: 'string', values: texts(2) }] }],
  ])('a list of %s is passed over', async (_, value) => {
    expect(await metadataOf(['before', string('1')], ['key', value], ['after', string('2')])).toEqual([
      ['before', '1'],
      ['after', '2'],
    ]);
  });

  test('any float32 is told by its text', async () => {
    await fc.assert(
      fc.asyncProperty(fc.float({ noNaN: true }), async (value) => {
        const [[, written]] = (await metadataOf(['a', plain('f32', value)])) as [[string, string]];
        expect(Math.fround(Number(written))).toBe(value + 0);
      }),
    );
  });

  test('keys of an object’s own are the file’s or nothing', async () => {
    const { metadata } = await open(gguf([], { metadata: [['__proto__', string('a')]] }));
    expect(Object.entries(metadata)).toEqual([['__proto__', 'a']]);
    expect(metadata.constructor).toBeUndefined();
  });
});

describe('types that are listed and not read', () => {
  test.each([
    ['Q4_0', 2, 32, 18],
    ['Q8_0', 8, 32, 34],
    ['Q6_K', 14, 256, 210],
    ['IQ1_S', 19, 256, 50],
    ['MXFP4', 39, 32, 17],
  ])('%s is quantised', async (name, type, block, bytes) => {
    const given = { name: 'w', type, shape: [2, block], bytes: new Uint8Array(2 * bytes) };
    const file = await open(gguf([given, f32('a', seeded([1], 1))]));
    expect([...file.tensors].map(([key, { dtype, shape }]) => [key, dtype, shape])).toEqual([
      ['w', name, [2, block]],
      ['a', 'F32', [1]],
    ]);
    await expect(file.tensors.get('w')?.read()).rejects.toBeInstanceOf(WeightsError);
    await expect(file.tensors.get('w')?.read()).rejects.toThrow(
      `gguf: tensor "w": expected F32, F16, BF16 or F64, found ${name}, which is quantised`,
    );
    await expect(file.tensors.get('w')?.read()).rejects.toMatchObject({ tensor: 'w' });
    expect((await file.tensors.get('a')?.read())?.data).toEqual(seeded([1], 1).data);
    await expect(open(gguf([{ ...given, shape: [2 * block + 1] }]))).rejects.toThrow(
      `tensor "w": expected rows in blocks of ${block} for ${name}, found [${2 * block + 1}]`,
    );
  });

  test('whole numbers', async () => {
    const { tensors } = await open(gguf([{ name: 'w', type: 'I64', shape: [], bytes: new Uint8Array(8) }]));
    await expect(tensors.get('w')?.read()).rejects.toThrow('tensor w: expected floating-point values, found I64');
  });
});

const one = f32('a', seeded([1], 1));
const eight = f32('a', seeded([8], 1));
const withKey = (value: GgufValue, key: string | Uint8Array = 'k') => gguf([one], { metadata: [[key, value]] });
const nested = (depth: number): GgufValue => (depth === 0 ? list('u8', 1) : { kind: 'array', of: 'array', values: [nested(depth - 1)] });
const latin1 = Uint8Array.of(0x63, 0xe9);
const big = 2n ** 63n;

const damaged: readonly (readonly [what: string, file: Uint8Array, message: RegExp])[] = [
  ['nothing', new Uint8Array(0), /the magic number of 4 bytes at byte 0, found a file with 0 left/],
  ['another magic number', text('GGML0000'), /begins with GGUF, found "GGML"/],
  ['a magic number alone', text('GGUF'), /the version of 4 bytes at byte 4, found a file with 0 left/],
  ['version 1', gguf([one], { version: 1 }), /expected version 2 or 3, found 1/],
  ['version 4', gguf([one], { version: 4 }), /expected version 2 or 3, found 4/],
  ['version 0', gguf([one], { version: 0 }), /expected version 2 or 3, found 0/],
  ['a big-endian file', gguf([one], { version: 0x03000000 }), /expected a little-endian file, found a big-endian one/],
  ['a count of tensors that is cut off', gguf([one]).subarray(0, 12), /the number of tensors of 8 bytes at byte 8/],
  ['more tensors than bytes', gguf([one], { counts: { tensors: 1000 } }), /at most \d+ tensors in the \d+ bytes that are left, found 1000/],
  ['2^64 - 1 tensors', gguf([one], { counts: { tensors: 2n ** 64n - 1n } }), /at most \d+ tensors .* found 18446744073709552000/],
  ['more keys than bytes', gguf([one], { counts: { keys: 1000 } }), /at most \d+ keys in the \d+ bytes that are left, found 1000/],
  ['2^63 keys', gguf([one], { counts: { keys: big } }), /at most \d+ keys .* found 9223372036854776000/],
  ['a tensor too few', gguf([], { counts: { tensors: 1 } }), /at most 0 tensors in the 16 bytes that are left, found 1/],
  [
    'a key twice',
    gguf([one], {
      metadata: [
        ['k', string('a')],
        ['k', string('b')],
      ],
    }),
    /expected each key once, found "k" twice/,
  ],
  ['a key that is no UTF-8', withKey(string('a'), latin1), /expected key 0 in UTF-8/],
  ['a text that is no UTF-8', withKey({ kind: 'string', value: latin1 }), /expected value of "k" in UTF-8/],
  ['a text of 2^63 bytes', withKey({ kind: 8, value: u64(big) }), /expected value of "k" of 9223372036854776000 bytes at byte/],
  ['a kind that is not there', withKey({ kind: 13, value: u64(0) }), /value of "k": expected a kind from 0 to 12, found 13/],
  ['a list of a kind that is not there', withKey({ kind: 9, value: concatBytes([u32(99), u64(1)]) }), /a kind from 0 to 12, found 99/],
  ['a truth of 2', withKey({ kind: 7, value: Uint8Array.of(2) }), /value of "k": expected 0 or 1 for false or true/],
  ['a truth of 2 in a list', withKey({ kind: 9, value: concatBytes([u32(7), u64(1), Uint8Array.of(2)]) }), /expected 0 or 1/],
  ['a list of 2^63', withKey({ kind: 9, value: concatBytes([u32(0), u64(big)]) }), /at most \d+ elements of the value of "k" in the \d+/],
  ['lists nested nine deep', withKey(nested(8)), /value of "k": expected arrays nested at most 8 deep, found more/],
  ['an alignment of text', withKey(string('32'), 'general.alignment'), /general\.alignment: expected a power of two .* a value of kind 8/],
  ['an alignment of 0', withKey(plain('u32', 0), 'general.alignment'), /general\.alignment: expected a power of two in 32 bits, found 0/],
  ['an alignment of 24', withKey(plain('u32', 24), 'general.alignment'), /expected a power of two in 32 bits, found 24/],
  [
    'an alignment beyond the file',
    withKey(plain('u32', 2 ** 31), 'general.alignment'),
    /tensor "a": expected its bytes within the 0 of all/,
  ],
  ['a name twice', gguf([one, one]), /expected each tensor once, found "a" twice/],
  ['a name that is no UTF-8', gguf([{ ...one, name: latin1 }]), /expected the name of tensor 0 in UTF-8/],
  ['five extents', gguf([{ ...one, shape: [1, 1, 1, 1, 1] }]), /tensor "a": expected at most 4 extents, found 5/],
  ['a product that overflows', gguf([{ ...one, shape: [2 ** 31, 2 ** 31] }]), /tensor "a": expected extents whose bytes can be counted/],
  ['a product that wraps to 1 in 64 bits', gguf([{ ...one, shape: [2 ** 32, 2 ** 32] }]), /extents whose bytes can be counted/],
  [
    'an extent of 2^64 - 1',
    gguf([{ ...one, shape: [2n ** 64n - 1n] }]),
    /extents whose bytes can be counted, found \[18446744073709552000\]/,
  ],
  ['a type that ggml gave up', gguf([{ ...one, type: 4 }]), /tensor "a": expected a type that ggml has, found 4/],
  ['a type that is not there', gguf([{ ...one, type: 1000 }]), /tensor "a": expected a type that ggml has, found 1000/],
  ['a place off the alignment', gguf([{ ...one, offset: 4 }]), /tensor "a": expected a place at a multiple of 32 bytes, found 4/],
  ['a place of 2^63', gguf([{ ...one, offset: big }]), /tensor "a": expected a place at a multiple of 32 bytes, found 9223372036854776000/],
  [
    'a place beyond the file',
    gguf([{ ...one, offset: 32 }]),
    /tensor "a": expected its bytes within the 32 of all tensors, found 32 to 36/,
  ],
  ['values that are cut off', gguf([eight]).subarray(0, -1), /tensor "a": expected its bytes within the 31 of all tensors, found 0 to 32/],
  ['a huge tensor in a small file', gguf([{ ...one, shape: [2 ** 40] }]), /within the 32 of all tensors, found 0 to 4398046511104/],
  [
    'a tensor on another',
    gguf([eight, { ...eight, name: 'b', offset: 0 }]),
    /tensor "b": expected its first byte at 32 or later, found overlap at 0/,
  ],
  [
    'a tensor that reaches into another',
    gguf([f32('a', seeded([9], 1)), { ...eight, name: 'b', offset: 32 }]),
    /tensor "b": .* at 36 or later, found overlap at 32/,
  ],
];

describe('damage', () => {
  test.each(damaged)('%s is a WeightsError that says so', async (_, file, message) => {
    const error = await open(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect(String(error)).toMatch(/^WeightsError: gguf: /);
    expect(String(error)).toMatch(message);
  });

  test('a gap between tensors, and padding that is not there at the end, are fine', async () => {
    const tensors = [one, { ...one, name: 'b', offset: 64 }, { ...one, name: 'c', offset: 32 }];
    const file = concatBytes([gguf(tensors)]).subarray(0, -28);
    expect((await readAll(await open(file))).map(([name]) => name)).toEqual(['a', 'b', 'c']);
  });

  test('every length of a small file, and every bit flipped: tensors as they are listed, or a typed error', async () => {
    const saved = gguf([one, { name: 'h', type: 'F16', shape: [2, 1], bytes: new Uint8Array(4) }], {
      metadata: [
        ['s', string('x')],
        ['l', list('u16', 1, 2)],
      ],
    });
    const survives = async (file: Uint8Array): Promise<void> => {
      try {
        for (const { read, shape } of (await open(file)).tensors.values()) expect((await read()).data.length).toBe(sizeOf(shape));
      } catch (error) {
        if (!(error instanceof SenetError)) throw error;
      }
    };
    for (let at = 0; at < saved.length; at++) {
      await survives(saved.subarray(0, at));
      for (let bit = 0; bit < 8; bit++) await survives(saved.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)));
    }
  });

  test.each([
    ['short keys', 40_000, (i: number) => concatBytes([u64(3), text(i.toString(36).padStart(3)), u32(0), Uint8Array.of(0)]), 0],
    [
      'keys whose values are passed over',
      40_000,
      (i: number) => concatBytes([u64(3), text(i.toString(36).padStart(3)), u32(9), u32(9), u64(0)]),
      0,
    ],
    [
      'tensors without elements',
      20_000,
      (i: number) => concatBytes([u64(4), text(i.toString(36).padStart(4)), u32(1), u64(0), u32(0), u64(0)]),
      1,
    ],
  ] as const)('a file of nothing but %s takes more memory than one of its size may', async (_, count, part, areTensors) => {
    const parts = Array.from({ length: count }, (_, i) => part(i));
    const file = concatBytes([text('GGUF'), u32(3), u64(areTensors ? count : 0), u64(areTensors ? 0 : count), ...parts]);
    await expect(open(file)).rejects.toBeInstanceOf(WeightsError);
    await expect(open(file)).rejects.toThrow(/^gguf: expected a file whose objects take at most \d+ bytes of memory, found more$/);
  });

  test('a vocabulary of a hundred thousand texts is passed over', async () => {
    const tokens: GgufValue = { kind: 'array', of: 'string', values: Array.from({ length: 100_000 }, (_, i) => string(String(i))) };
    const { metadata, tensors } = await open(gguf([one], { metadata: [['tokenizer.ggml.tokens', tokens]] }));
    expect([Object.keys(metadata), [...tensors.keys()]]).toEqual([[], ['a']]);
  });

  test('an error does not repeat a long name', async () => {
    await expect(open(gguf([{ ...one, name: 'n'.repeat(100_000), type: 99 }]))).rejects.toThrow(/^gguf: tensor "n{80}": expected a type/);
  });
});

describe('as a checkpoint', () => {
  test('is told by its first bytes, even where the ninth is the brace that tells safetensors', async () => {
    const tensors = Array.from({ length: '{'.charCodeAt(0) }, (_, i) => f32(String(i), seeded([1], i)));
    const file = gguf(tensors);
    expect(String.fromCharCode(file[8] as number)).toBe('{');
    for (const given of [file, file.buffer, new Blob([file]), Buffer.from(file)]) {
      const checkpoint = await openCheckpoint(given);
      expect(checkpoint.format).toBe('gguf');
      expect(await checkpoint.load('7')).toEqual(seeded([1], 7));
    }
  });

  test('a damaged one is refused as what it is', async () => {
    await expect(openCheckpoint(gguf([one], { version: 1 }))).rejects.toThrow(/^gguf: expected version 2 or 3, found 1$/);
  });
});

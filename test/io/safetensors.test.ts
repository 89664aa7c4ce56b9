import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { InputError, SenetError, WeightsError } from '../../src/errors.js';
import { floatsFromHalves, halvesFromFloats } from '../../src/io/half.js';
import { loadSafetensors, openSafetensors, saveSafetensors } from '../../src/io/safetensors.js';
import { bytesSource } from '../../src/io/source.js';
import { sizeOf, type Tensor } from '../../src/tensor.js';
import { seeded, seeds } from '../support/arbitraries.js';

/** A file of a header, as text or to be written as JSON, and data. */
function file(header: unknown, data: Uint8Array | number = 0, claimed?: number | bigint): Uint8Array {
  const json = new TextEncoder().encode(typeof header === 'string' ? header : JSON.stringify(header));
  const values = typeof data === 'number' ? new Uint8Array(data) : data;
  const bytes = new Uint8Array(8 + json.length + values.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(claimed ?? json.length), true);
  bytes.set(json, 8);
  bytes.set(values, 8 + json.length);
  return bytes;
}

const entry = (dtype: string, shape: readonly number[], begin: number, end: number) => ({ dtype, shape, data_offsets: [begin, end] });
const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

/** Names as unlikely as the format allows. */
const names = (): fc.Arbitrary<string> =>
  fc
    .oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', 'toString', '7', '10', '"', '\ud800'))
    .filter((name) => name !== '__metadata__');

const tensors = (): fc.Arbitrary<ReadonlyMap<string, Tensor>> =>
  fc
    .uniqueArray(fc.record({ name: names(), shape: fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 4 }), seed: seeds() }), {
      selector: ({ name }) => name,
      maxLength: 5,
    })
    .map((list) => new Map(list.map(({ name, shape, seed }) => [name, seeded(shape, seed)])));

describe('round trips', () => {
  test('F32: names, order, shapes and bits', () => {
    fc.assert(
      fc.property(tensors(), fc.option(fc.dictionary(fc.string(), fc.string()), { nil: undefined }), (map, metadata) => {
        const bytes = saveSafetensors(map, metadata && { metadata });
        expect([...loadSafetensors(bytes)]).toEqual([...map]);
      }),
    );
  });

  test('F16: the nearest halves', () => {
    fc.assert(
      fc.property(tensors(), (map) => {
        const halved = [...map].map(([name, { shape, data }]) => [name, { shape, data: floatsFromHalves(halvesFromFloats(data)) }]);
        expect([...loadSafetensors(saveSafetensors(map, { dtype: 'F16' }))]).toEqual(halved);
      }),
    );
  });

  test('special values keep their bits, float64 is rounded to float32', () => {
    const special = Float32Array.of(NaN, -0, Infinity, -Infinity, 2 ** -149, 3.4028234663852886e38);
    bytesOf(special).set([1, 2, 0xc0, 0x7f]); // a NaN with a payload
    const loaded = loadSafetensors(
      saveSafetensors(
        new Map<string, Tensor>([
          ['special', { shape: [6], data: special }],
          ['double', { shape: [], data: Float64Array.of(0.1) }],
          ['empty', { shape: [2, 0], data: new Float32Array(0) }],
        ]),
      ),
    );
    expect(bytesOf(loaded.get('special')?.data ?? special)).toEqual(bytesOf(special));
    expect(loaded.get('double')).toEqual({ shape: [], data: Float32Array.of(0.1) });
    expect(loaded.get('empty')).toEqual({ shape: [2, 0], data: new Float32Array(0) });
  });

  test('the file is as the format has it: 8-byte aligned, padded with spaces, metadata first', () => {
    const bytes = saveSafetensors(new Map([['a', { shape: [1], data: Float32Array.of(1) }]]), { metadata: { format: 'pt' } });
    const n = Number(new DataView(bytes.buffer).getBigUint64(0, true));
    const header = new TextDecoder().decode(bytes.subarray(8, 8 + n));
    expect(n % 8).toBe(0);
    expect(header.trimEnd()).toBe('{"__metadata__":{"format":"pt"},"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}');
    expect([...bytes.subarray(8 + n)]).toEqual([0, 0, 0x80, 0x3f]);
  });

  test.each([
    ['integers of 64 bits', BigInt64Array.of(1n)],
    ['bytes', Uint8Array.of(1)],
    ['a list', [1]],
    ['nothing', undefined],
  ])('saving refuses %s as values', (_, data) => {
    const given = new Map([['a', { shape: [1], data } as unknown as Tensor]]);
    expect(() => saveSafetensors(given)).toThrow(WeightsError);
    expect(() => saveSafetensors(given)).toThrow(/tensor a holds .*, not Float32Array or Float64Array/);
  });

  test('saving refuses the reserved name and a shape that does not match', () => {
    const one = Float32Array.of(1);
    expect(() => saveSafetensors(new Map([['__metadata__', { shape: [1], data: one }]]))).toThrow(WeightsError);
    expect(() => saveSafetensors(new Map([['a', { shape: [2], data: one }]]))).toThrow(/tensor a of shape \[2\] holds 1 values/);
  });
});

describe('loading', () => {
  test('every dtype there is a use for, in the order of the data; I64 is skipped', () => {
    const data = new Uint8Array(8 + 8 + 4 + 4 + 2);
    const view = new DataView(data.buffer);
    view.setFloat64(0, 0.1, true);
    view.setBigInt64(8, 123n, true);
    view.setFloat32(16, -2.5, true);
    view.setUint16(20, 0x3c00, true); // 1 as a half
    view.setUint16(22, 0x0001, true); // 2^-24
    view.setUint16(24, 0xc040, true); // -3 as a bfloat16
    const header = {
      brain: entry('BF16', [1], 24, 26),
      half: entry('F16', [2], 20, 24),
      single: entry('F32', [1, 1], 16, 20),
      'bn.num_batches_tracked': entry('I64', [], 8, 16),
      double: entry('F64', [], 0, 8),
    };
    expect([...loadSafetensors(file(header, data))]).toEqual([
      ['double', { shape: [], data: Float32Array.of(0.1) }],
      ['single', { shape: [1, 1], data: Float32Array.of(-2.5) }],
      ['half', { shape: [2], data: Float32Array.of(1, 2 ** -24) }],
      ['brain', { shape: [1], data: Float32Array.of(-3) }],
    ]);
  });

  test('aligned F32 is a view of the file, whatever holds it', () => {
    const map = new Map([['a', seeded([2, 3], 1)]]);
    const saved = saveSafetensors(map);
    expect(loadSafetensors(saved).get('a')?.data.buffer).toBe(saved.buffer);
    expect(loadSafetensors(saved.buffer).get('a')?.data.buffer).toBe(saved.buffer);
  });

  test('misaligned data are copied: any offset of the file, any length of the header, a Node Buffer', () => {
    const map = new Map([['a', seeded([2, 3], 1)]]);
    for (const dtype of ['F32', 'F16'] as const) {
      const saved = saveSafetensors(map, { dtype });
      const expected = loadSafetensors(saved);
      for (let offset = 0; offset < 8; offset++) {
        const moved = new Uint8Array(saved.length + 8);
        moved.set(saved, offset);
        expect(loadSafetensors(moved.subarray(offset, offset + saved.length))).toEqual(expected);
        expect(loadSafetensors(Buffer.from(moved.buffer, offset, saved.length))).toEqual(expected);
      }
    }
    for (let spaces = 0; spaces < 8; spaces++) {
      const padded = file(`${JSON.stringify({ a: entry('F32', [1], 0, 4) })}${' '.repeat(spaces)}`, Uint8Array.of(0, 0, 0x80, 0x3f));
      expect(loadSafetensors(padded).get('a')?.data).toEqual(Float32Array.of(1));
    }
  });

  test('a tensor without elements may lie where another begins, in whichever order the header has them', () => {
    const header = { a: entry('F32', [1], 0, 4), none: entry('F32', [0, 3], 0, 0), last: entry('F32', [0], 4, 4) };
    const shapes = [...loadSafetensors(file(header, 4))].map(([name, { shape }]) => [name, shape]);
    expect(shapes).toEqual([
      ['none', [0, 3]],
      ['a', [1]],
      ['last', [0]],
    ]);
  });

  test.each([
    ...['BOOL', 'U8', 'I8', 'F8_E5M2', 'F8_E4M3', 'F8_E8M0'].map((dtype) => [dtype, 8] as const),
    ...[['F4', 4] as const, ['F6_E2M3', 6] as const, ['I16', 16] as const, ['U32', 32] as const, ['C64', 64] as const],
    ...[['F12_NEW', 12] as const, ['I128', 128] as const],
  ])('%s, which nothing here has a use for, is listed; only reading it is an error', async (dtype, bits) => {
    const header = { mask: entry(dtype, [2, 4], 0, bits), none: entry(dtype, [0], 0, 0), w: entry('F32', [1], bits, bits + 4) };
    const bytes = file(header, bits + 4);
    expect([...loadSafetensors(bytes).keys()]).toEqual(['w']);
    const { tensors } = await openSafetensors(bytesSource(bytes));
    expect([...tensors].map(([name, { dtype, shape }]) => [name, dtype, shape])).toEqual([
      ['none', dtype, [0]],
      ['mask', dtype, [2, 4]],
      ['w', 'F32', [1]],
    ]);
    await expect(tensors.get('mask')?.read()).rejects.toThrow(`tensor mask: expected floating-point values, found ${dtype}`);
    await expect(tensors.get('mask')?.read()).rejects.toBeInstanceOf(WeightsError);
  });

  test('metadata are what the file says and no more, whatever their keys; null is none', async () => {
    const metadata = async (text: string) => (await openSafetensors(bytesSource(file(`{"__metadata__":${text}}`)))).metadata;
    const given = await metadata('{"constructor":"a","__proto__":"b"}');
    expect(Object.entries(given)).toEqual([
      ['constructor', 'a'],
      ['__proto__', 'b'],
    ]);
    for (const none of [await metadata('{}'), await metadata('null')])
      expect([none.constructor, none.toString]).toEqual([undefined, undefined]);
  });

  test('an empty file of no tensors is fine', () => {
    expect(loadSafetensors(file('{}')).size).toBe(0);
    expect(loadSafetensors(file({ __metadata__: { format: 'pt' } })).size).toBe(0);
  });

  test('names from Object.prototype are names like any other', () => {
    const header = `{"__proto__": ${JSON.stringify(entry('F32', [], 0, 4))}, "hasOwnProperty": ${JSON.stringify(entry('F32', [], 4, 8))}}`;
    expect([...loadSafetensors(file(header, 8)).keys()]).toEqual(['__proto__', 'hasOwnProperty']);
    expect(Object.getOwnPropertyNames({})).toEqual([]);
  });
});

const four = entry('F32', [1], 0, 4);
const damaged: readonly (readonly [what: string, bytes: Uint8Array, message: RegExp])[] = [
  ['no bytes', new Uint8Array(0), /8 bytes of header length, found a file of 0/],
  ['seven bytes', new Uint8Array(7), /found a file of 7/],
  ['a header beyond the file', file('{}', 0, 3), /header of 3 bytes, found a file with 2 left/],
  ['a header over the limit', file('{}', 0, 100_000_001), /at most 100000000 bytes, found 100000001/],
  ['a header of 2^64 - 1 bytes', file('{}', 0, 2n ** 64n - 1n), /found 18446744073709551615/],
  ['no header', file(''), /starts with \{/],
  ['a header that starts with a space', file(' {}'), /starts with \{/],
  ['a byte order mark', file('\ufeff{}'), /starts with \{/],
  ['a list', file([]), /starts with \{/],
  ['half a header', file('{"a":'), /JSON in UTF-8, found/],
  ['text after the header', file('{} {}'), /JSON in UTF-8, found/],
  ['bytes that are not UTF-8', Uint8Array.of(5, 0, 0, 0, 0, 0, 0, 0, 0x7b, 0x22, 0xff, 0x22, 0x7d), /JSON in UTF-8, found/],
  ['metadata that is a list', file({ __metadata__: [] }), /__metadata__ to map strings to strings/],
  ['metadata of a number', file({ __metadata__: { epoch: 3 } }), /strings to strings, found 3 at epoch/],
  ['an entry that is null', file({ a: null }), /tensor a: expected an object .* found null/],
  ['an entry that is a list', file({ a: [] }), /tensor a: expected an object/],
  ['no dtype', file({ a: { shape: [1], data_offsets: [0, 4] } }, 4), /tensor a: expected dtype .* found undefined/],
  ['a dtype that is no name', file({ a: entry('u8\u001b[31m', [4], 0, 4) }, 4), /tensor a: expected dtype such as F32/],
  ['a new dtype of no bytes', file({ a: entry('F2', [4], 0, 0) }), /tensor a: expected bytes for F2 \[4\] that are shared evenly, found 0/],
  ['a new dtype of thirds', file({ a: entry('F2', [3], 0, 4) }, 4), /shared evenly, found 4/],
  ['half a byte', file({ a: entry('F4', [3], 0, 2) }, 2), /tensor a: expected 1.5 bytes for F4 \[3\], found 2/],
  ['a dtype called like a method', file({ a: entry('constructor', [1], 0, 4) }, 4), /tensor a: expected dtype .* found constructor/],
  ['a dtype that is a list', file({ a: { ...four, dtype: ['F32'] } }, 4), /tensor a: expected dtype/],
  ['fields inherited through __proto__', file('{"a":{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}}', 4), /found undefined/],
  ['no shape', file({ a: { dtype: 'F32', data_offsets: [0, 4] } }, 4), /tensor a: expected a shape .* found undefined/],
  ['a shape that is a number', file({ a: { ...four, shape: 1 } }, 4), /tensor a: expected a shape .* found 1/],
  ['a negative extent', file({ a: entry('F32', [-1, -1], 0, 4) }, 4), /tensor a: expected a shape .* found \[-1, -1\]/],
  ['a fractional extent', file({ a: entry('F32', [0.5, 2], 0, 4) }, 4), /tensor a: expected a shape .* found \[0\.5, 2\]/],
  ['an extent of text', file({ a: { ...four, shape: ['1'] } }, 4), /tensor a: expected a shape/],
  ['an extent beyond 2^53', file('{"a":{"dtype":"F32","shape":[9007199254740993],"data_offsets":[0,4]}}', 4), /expected a shape/],
  ['an extent of 1e999', file('{"a":{"dtype":"F32","shape":[1e999],"data_offsets":[0,4]}}', 4), /expected a shape .* found \[Infinity\]/],
  ['a product that overflows', file({ a: entry('F32', [2 ** 30, 2 ** 30, 2 ** 30], 0, 4) }, 4), /tensor a: expected a shape whose bytes/],
  ['a product that wraps to 4 in 64 bits', file({ a: entry('F32', [2 ** 32 + 1, 2 ** 32 + 1], 0, 4) }, 4), /a shape whose bytes/],
  ['a huge tensor in a small file', file({ a: entry('F32', [2 ** 40], 0, 2 ** 42) }, 4), /data_offsets \[begin, end\] within 4 bytes/],
  ['no offsets', file({ a: { dtype: 'F32', shape: [1] } }, 4), /tensor a: expected data_offsets .* found undefined/],
  ['one offset', file({ a: { ...four, data_offsets: [0] } }, 4), /tensor a: expected data_offsets \[begin, end\]/],
  ['three offsets', file({ a: { ...four, data_offsets: [0, 4, 8] } }, 8), /tensor a: expected data_offsets \[begin, end\]/],
  ['a negative offset', file({ a: entry('F32', [1], -4, 0) }, 4), /tensor a: expected data_offsets of whole numbers/],
  ['a fractional offset', file({ a: entry('F32', [1], 0.5, 4.5) }, 8), /tensor a: expected data_offsets of whole numbers/],
  ['data that begin after their end', file({ a: entry('F32', [1], 4, 0) }, 4), /tensor a: expected data_offsets .* found \[4, 0\]/],
  ['data beyond the file', file({ a: entry('F32', [2], 0, 8) }, 4), /within 4 bytes of data, found \[0, 8\]/],
  ['fewer bytes than the shape has', file({ a: entry('F32', [2], 0, 4) }, 4), /tensor a: expected 8 bytes for F32 \[2\], found 4/],
  ['more bytes than the shape has', file({ a: entry('F16', [1], 0, 4) }, 4), /tensor a: expected 2 bytes for F16 \[1\], found 4/],
  ['I64 of the wrong size', file({ a: entry('I64', [], 0, 4) }, 4), /tensor a: expected 8 bytes for I64 \[\], found 4/],
  ['two tensors on the same data', file({ a: four, b: four }, 4), /tensor b: expected data from byte 4, found overlap at 0/],
  [
    'overlap',
    file({ a: entry('F32', [2], 0, 8), b: entry('F32', [1], 4, 8) }, 8),
    /tensor b: expected data from byte 8, found overlap at 4/,
  ],
  ['no elements amid those of another', file({ a: entry('F32', [2], 0, 8), b: entry('F32', [0], 4, 4) }, 8), /tensor b: .* overlap at 4/],
  ['a gap', file({ a: four, b: entry('F32', [1], 8, 12) }, 12), /tensor b: expected data from byte 4, found a gap at 8/],
  ['a gap before the first', file({ a: entry('F32', [1], 4, 8) }, 8), /tensor a: expected data from byte 0, found a gap at 4/],
  ['trailing bytes', file({ a: four }, 5), /expected 4 bytes of data, found 5/],
  ['data without tensors', file('{}', 1), /expected 0 bytes of data, found 1/],
  ['a name twice', file(`{"a":${JSON.stringify(four)}, "\\u0061" : ${JSON.stringify(four)}}`, 4), /each key once, found a twice/],
  ['a field twice', file('{"a":{"dtype":"I64","shape":[1],"dtype":"F32","data_offsets":[0,4]}}', 4), /each key once, found dtype twice/],
];

describe('damage', () => {
  test.each(damaged)('%s is a WeightsError that says so', (_, bytes, message) => {
    let thrown: unknown;
    try {
      loadSafetensors(bytes);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(WeightsError);
    expect(String(thrown)).toMatch(message);
    const { tensor, message: text } = thrown as WeightsError;
    expect(tensor === undefined || text.includes(`tensor ${tensor}`)).toBe(true);
  });

  const many = (count: number, item: (i: number) => string): string => Array.from({ length: count }, (_, i) => item(i)).join(',');
  test.each([
    ['lists', `{"a":[${many(100_000, () => '[]')}]}`],
    ['nested lists', `{"a":${'['.repeat(100_000)}${']'.repeat(100_000)}}`],
    ['objects', `{"a":[${many(100_000, () => '{}')}]}`],
    ['numbers', `{"a":[${many(100_000, () => '0.5')}]}`],
    ['metadata', `{"__metadata__":{${many(50_000, (i) => `"${i}":""`)}}}`],
    ['tensors without elements', `{${many(20_000, (i) => `"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}`)}}`],
  ])('a header of nothing but %s takes more memory than a file of its size may', (_, header) => {
    expect(() => loadSafetensors(file(header))).toThrow(WeightsError);
    expect(() => loadSafetensors(file(header))).toThrow(
      /^safetensors: expected a file whose objects take at most \d+ bytes of memory, found more$/,
    );
  });

  test('ten thousand tensors of a few hundred bytes are fine', () => {
    const header = `{${many(10_000, (i) => `"layer${i}.bn.weight":{"dtype":"F32","shape":[64],"data_offsets":[${256 * i},${256 * i + 256}]}`)}}`;
    expect(loadSafetensors(file(header, 2_560_000)).size).toBe(10_000);
  });

  test('an error does not repeat a long name', () => {
    expect(() => loadSafetensors(file({ ['n'.repeat(100_000)]: null }))).toThrow(/^safetensors: tensor n{80}: expected an object/);
  });

  test.each([['model.safetensors'], [null], [undefined], [7], [{}]])('%j in place of bytes is an InputError', (given) => {
    expect(() => loadSafetensors(given as unknown as Uint8Array)).toThrow(InputError);
    expect(() => loadSafetensors(given as unknown as Uint8Array)).toThrow(/expected the bytes of a file, found/);
  });

  test('keys that look alike are not duplicates', () => {
    const header = `{"a\\"b":${JSON.stringify(four)},"a":${JSON.stringify(entry('F32', [1], 4, 8))},"__metadata__":{"a":"{\\"a\\":","b":"a"}}`;
    expect([...loadSafetensors(file(header, 8)).keys()]).toEqual(['a"b', 'a']);
  });

  /** The one promise about any bytes at all: tensors whose values match their shapes, or a typed error. */
  function survives(bytes: Uint8Array): void {
    try {
      for (const { shape, data } of loadSafetensors(bytes).values()) expect(data.length).toBe(sizeOf(shape));
    } catch (error) {
      if (!(error instanceof SenetError)) throw error;
    }
  }

  test('bytes flipped, files cut', () => {
    const flips = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { maxLength: 4 });
    fc.assert(
      fc.property(tensors(), flips, fc.option(fc.nat(), { freq: 2 }), (map, changes, cut) => {
        const bytes = saveSafetensors(map, { metadata: { format: 'pt' } });
        for (const [at, mask] of changes) bytes[at % bytes.length] = (bytes[at % bytes.length] as number) ^ mask;
        survives(cut === null ? bytes : bytes.subarray(0, cut % bytes.length));
      }),
      { numRuns: 1000 },
    );
  });

  test('every byte of a small file, flipped in every bit, and every length', () => {
    const saved = saveSafetensors(new Map([['a', seeded([2], 1)]]), { metadata: { a: 'b' } });
    for (let at = 0; at < saved.length; at++) {
      survives(saved.subarray(0, at));
      for (let bit = 0; bit < 8; bit++) survives(saved.map((byte, i) => (i === at ? byte ^ (1 << bit) : byte)));
    }
  });

  test('headers of any JSON', () => {
    const field = fc.oneof(fc.jsonValue(), fc.constantFrom('F32', 'I64', [0, 4], [4, 8], [], [1], [-0], 4, 2 ** 53, 1e300));
    const entries = fc.record({ dtype: field, shape: field, data_offsets: field }, { requiredKeys: [] });
    const header = fc.oneof(fc.dictionary(names(), fc.oneof(entries, fc.jsonValue())), fc.jsonValue());
    fc.assert(
      fc.property(header, fc.nat(12), (json, bytes) => survives(file(json, bytes))),
      { numRuns: 1000 },
    );
  });

  test('headers nested or escaped a million times over', () => {
    const million = 1_000_000;
    survives(file(`{"a":${'['.repeat(million)}${']'.repeat(million)}}`));
    survives(file(`{"a":${'{"a":'.repeat(million)}1${'}'.repeat(million)}}`));
    survives(file(`{"${'\\n'.repeat(million)}":[${'1,'.repeat(million)}1]}`));
  });
});

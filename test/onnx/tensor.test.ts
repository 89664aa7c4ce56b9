import { describe, expect, test } from 'vitest';
import { UnsupportedError, WeightsError } from '../../src/errors.js';
import { bfloatsFromFloats, halvesFromFloats } from '../../src/io/half.js';
import { readOnnx } from '../../src/onnx/index.js';
import { external, onnxFile, packedDoubles, packedFloats, packedInts, raw, unpackedFloats } from '../support/files/onnx.js';

async function read(type: number, stored: readonly Uint8Array[], shape = [4]) {
  const file = onnxFile({ nodes: [['Relu', ['x'], ['y']]], initializers: [{ name: 'w', shape, type, stored }] });
  return (await readOnnx(file)).initializers.get('w')?.read();
}

const signed = [1, -2, 0, 100];
const unsigned = [1, 2, 0, 200];
const halves = (values: readonly number[]) => halvesFromFloats(Float64Array.from(values));
const bfloats = (values: readonly number[]) => bfloatsFromFloats(Float64Array.from(values));

describe('every storage gives the numbers', () => {
  test.each([
    ['float, raw', 1, [raw(Float32Array.from(signed))], signed],
    ['float, packed', 1, [packedFloats(signed)], signed],
    ['float, one by one', 1, [unpackedFloats(signed)], signed],
    ['float, in two parts', 1, [packedFloats(signed.slice(0, 1)), packedFloats(signed.slice(1))], signed],
    ['uint8, raw', 2, [raw(Uint8Array.from(unsigned))], unsigned],
    ['uint8, int32_data', 2, [packedInts(5, unsigned)], unsigned],
    ['int8, raw', 3, [raw(Int8Array.from(signed))], signed],
    ['int8, int32_data', 3, [packedInts(5, signed)], signed],
    ['uint16', 4, [raw(Uint16Array.from(unsigned))], unsigned],
    ['int16', 5, [raw(Int16Array.from(signed))], signed],
    ['int32, raw', 6, [raw(Int32Array.from(signed))], signed],
    ['int32, int32_data', 6, [packedInts(5, signed)], signed],
    ['int64, raw', 7, [raw(BigInt64Array.from(signed, BigInt))], signed],
    ['int64, int64_data', 7, [packedInts(7, signed)], signed],
    ['bool', 9, [raw(Uint8Array.of(1, 0, 0, 1))], [1, 0, 0, 1]],
    ['bool, int32_data', 9, [packedInts(5, [1, 0, 0, 1])], [1, 0, 0, 1]],
    ['float16, raw', 10, [raw(halves(signed))], signed],
    ['float16, int32_data', 10, [packedInts(5, [...halves(signed)])], signed],
    ['double, raw', 11, [raw(Float64Array.from([...signed.slice(1), 0.1]))], [...signed.slice(1), 0.1]],
    ['double, double_data', 11, [packedDoubles([...signed.slice(1), 0.1])], [...signed.slice(1), 0.1]],
    ['uint32', 12, [packedInts(11, unsigned)], unsigned],
    ['uint64', 13, [packedInts(11, unsigned)], unsigned],
    ['bfloat16, raw', 16, [raw(bfloats(signed))], signed],
    ['bfloat16, int32_data', 16, [packedInts(5, [...bfloats(signed)])], signed],
  ])('%s', async (_, type, stored, expected) => {
    expect([...((await read(type, stored))?.data ?? [])]).toEqual(expected);
  });

  test('int64 at the ends of what it holds are the nearest float64', async () => {
    const ends = [2n ** 63n - 1n, -(2n ** 63n), -1n, -(2n ** 53n)];
    for (const stored of [raw(BigInt64Array.from(ends)), packedInts(7, ends)])
      expect([...((await read(7, [stored]))?.data ?? [])]).toEqual([2 ** 63, -(2 ** 63), -1, -(2 ** 53)]);
  });
});

describe('a tensor that its values do not fill is a WeightsError', () => {
  test.each([
    ['too few bytes', 1, [raw(Float32Array.of(1, 2, 3))], /tensor w: expected 4 values of float, found 12 bytes/],
    ['too many floats', 1, [packedFloats([1, 2, 3, 4, 5])], /expected 4 values of float, found 0 and 5/],
    ['too few varints', 7, [packedInts(7, [1, 2])], /found fewer/],
    ['too many varints', 7, [packedInts(7, [1, 2, 3, 4, 5])], /found more/],
    ['another storage', 1, [packedInts(7, [1, 2, 3, 4])], /found those of another type/],
    ['two storages', 1, [raw(Float32Array.from(signed)), packedFloats(signed)], /found two storages/],
    ['none', 1, [], /expected 4 values, found none/],
  ])('%s', async (_, type, stored, expected) => {
    const error = await read(type, stored).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect((error as Error).message).toMatch(expected);
  });

  test('extents that no memory holds are refused before anything is allocated', async () => {
    await expect(read(1, [packedFloats([1])], [2 ** 40, 2])).rejects.toThrow(/found fewer/);
    await expect(read(1, [packedFloats([1])], [2 ** 40, 2 ** 40])).rejects.toThrow(/expected extents from 0/);
    await expect(read(1, [packedFloats([1])], [-1])).rejects.toThrow(/expected extents from 0, found \[-1\]/);
  });
});

test('external data are refused by the name of the tensor and of the file', async () => {
  const error = await read(1, [external('weights.bin')]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnsupportedError);
  expect((error as Error).message).toMatch(/tensor w lies in another file, weights\.bin/);
});

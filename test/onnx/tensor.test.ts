import { describe, expect, test } from 'vitest';
import { UnsupportedError, WeightsError } from '../../src/errors.js';
import { bfloatsFromFloats, halvesFromFloats } from '../../src/io/half.js';
import { NodeCall } from '../../src/onnx/arguments.js';
import { folded, usualFolds } from '../../src/onnx/fold.js';
import { graphOfOnnx, type OnnxNode, readOnnx, UnsupportedNodesError } from '../../src/onnx/index.js';
import type { Fold } from '../../src/onnx/rules/rule.js';
import {
  type AttributePart,
  floats,
  ints,
  onnxFile,
  packedDoubles,
  packedFloats,
  packedInts,
  raw,
  type TensorPart,
  unpackedFloats,
} from '../support/files/onnx.js';

async function read(type: number, stored: readonly Uint8Array[], shape = [4]) {
  const file = onnxFile({ nodes: [['Add', ['x', 'w'], ['y']]], initializers: [{ name: 'w', shape, type, stored }] });
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

test.each([
  [8, 'string'],
  [14, 'complex64'],
  [17, 'float8e4m3fn'],
  [22, 'int4'],
  [99, 'type 99'],
])('values of type %i are refused by the name of the tensor and %s', async (type, name) => {
  const error = await read(type, [raw(Uint8Array.of(0, 0, 0, 0))]).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnsupportedError);
  expect((error as Error).message).toBe(`onnx: tensor w: values of ${name} are not read`);
});

test('the values of a tensor that no output needs are not read', async () => {
  const file = onnxFile({ nodes: [['Relu', ['x'], ['y']]], initializers: [floats('w', [1], [1])] });
  const { initializers } = await readOnnx(file);
  expect(() => initializers.get('w')?.read()).toThrow(/tensor w: no output needs it/);
});

describe('a Constant node holds', () => {
  test.each<[string, Record<string, AttributePart>, readonly number[], readonly number[]]>([
    ['a tensor', { value: { tensor: floats('', [2], [3, 4]) } }, [2], [3, 4]],
    ['float', { value_float: { float: 2.5 } }, [], [2.5]],
    ['floats', { value_floats: { floats: [1, 2.5] } }, [2], [1, 2.5]],
    ['an int', { value_int: -7 }, [], [-7]],
    ['ints', { value_ints: [1, -2, 3] }, [3], [1, -2, 3]],
    ['no ints', { value_ints: [] }, [0], []],
    [
      'a sparse tensor',
      { sparse_value: { sparse: { values: floats('', [2], [3, 4]), indices: ints('', [2], [1, 3]), shape: [2, 2] } } },
      [2, 2],
      [0, 3, 0, 4],
    ],
  ])('%s', async (_, attributes, shape, values) => {
    const { nodes } = await readOnnx(onnxFile({ nodes: [['Constant', [], ['y'], attributes]] }));
    const [made] = folded(usualFolds.Constant as Fold, new NodeCall(nodes[0] as OnnxNode, 13, []), []);
    expect([made?.shape, [...(made?.data ?? [])]]).toEqual([shape, values]);
  });

  test.each<[string, Record<string, AttributePart>, RegExp]>([
    ['a string', { value_string: 'cat' }, /a Constant of value_string is not read/],
    ['strings', { value_strings: { strings: ['cat', 'dog'] } }, /a Constant of value_strings is not read/],
    ['strings in a tensor', { value: { tensor: { name: 'names', shape: [1], type: 8, stored: [] } } }, /values of string are not read/],
    ['nothing', {}, /a Constant of nothing is not read/],
  ])('%s, which is refused by the node and what it holds', async (_, attributes, message) => {
    const model = await readOnnx(
      onnxFile({
        nodes: [
          ['Constant', [], ['c'], attributes],
          ['Add', ['x', 'c'], ['y']],
        ],
      }),
    );
    const error = caught(() => graphOfOnnx(model, { input: [1, 2, 2, 2] }));
    expect(error).toBeInstanceOf(UnsupportedNodesError);
    expect((error as UnsupportedNodesError).nodes).toMatchObject([{ node: 'c', op: 'Constant', reason: expect.stringMatching(message) }]);
  });
});

function caught(use: () => unknown): unknown {
  try {
    return use();
  } catch (error) {
    return error;
  }
}

describe('sparse initializers', () => {
  const sparse = (values: TensorPart, indices: TensorPart, shape: readonly number[] = [2, 3]): Uint8Array =>
    onnxFile({ nodes: [['Add', ['x', 'w'], ['y']]], sparse: [{ values, indices, shape }] });
  const two = floats('w', [2], [7, 8]);
  const dense = async (file: Uint8Array) => (await readOnnx(file)).initializers.get('w')?.read();

  test('are dense once they are read: by numbers of elements, or an index for each axis', async () => {
    const expected = { shape: [2, 3], data: Float32Array.of(0, 7, 0, 0, 0, 8), kind: 'float' };
    expect(await dense(sparse(two, ints('', [2], [1, 5])))).toEqual(expected);
    expect(await dense(sparse(two, ints('', [2, 2], [0, 1, 1, 2])))).toEqual(expected);
    expect(await dense(sparse(floats('w', [0], []), ints('', [0], []), [3]))).toEqual({
      shape: [3],
      data: new Float32Array(3),
      kind: 'float',
    });
  });

  test.each<[string, TensorPart, readonly number[], RegExp]>([
    ['fewer places than values', ints('', [1], [1]), [2, 3], /tensor w: expected a place for each of \[2\] values, found \[1\]/],
    ['indices of fewer axes', ints('', [2, 1], [0, 1]), [2, 3], /expected a place for each/],
    ['places that are no whole numbers', floats('', [2], [0, 1]), [2, 3], /expected a place for each/],
    ['places in another order', ints('', [2], [5, 1]), [2, 3], /expected places within \[2, 3\] in ascending order, value 1 has another/],
    ['a place twice', ints('', [2], [1, 1]), [2, 3], /in ascending order/],
    ['a place beyond', ints('', [2], [1, 6]), [2, 3], /in ascending order/],
    ['an index below', ints('', [2, 2], [-1, 1, 1, 2]), [2, 3], /in ascending order, value 0/],
    ['a negative extent', ints('', [2], [1, 5]), [-2, 3], /expected extents from 0/],
  ])('%s: a WeightsError', async (_, indices, shape, message) => {
    const read = dense(sparse(two, indices, shape));
    await expect(read).rejects.toThrow(WeightsError);
    await expect(read).rejects.toThrow(message);
  });

  test('what would be out of proportion once it is dense', async () => {
    await expect(dense(sparse(two, ints('', [2], [1, 5]), [2 ** 14, 2 ** 14]))).rejects.toThrow(/at most 16777216 bytes of memory/);
  });
});

test('an initializer that is an input too is a constant: nobody is asked for it', async () => {
  const model = await readOnnx(
    onnxFile({
      nodes: [
        ['Relu', ['x'], ['z']],
        ['Reshape', ['z', 'shape'], ['y']],
      ],
      initializers: [ints('shape', [2], [1, -1])],
      inputs: [{ name: 'x' }, { name: 'shape', shape: [2], type: 7 }],
    }),
  );
  expect(model.inputs.map(({ name }) => name)).toEqual(['x']);
  expect(graphOfOnnx(model, { input: [1, 4] }).weights.size).toBe(0);
});

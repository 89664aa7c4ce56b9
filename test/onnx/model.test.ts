import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { SenetError, UnsupportedError, WeightsError } from '../../src/errors.js';
import { graphOfOnnx, operators, readOnnx } from '../../src/onnx/index.js';
import { concatBytes } from '../support/files/bytes.js';
import { message } from '../support/files/caffe.js';
import { floats, int, type NodePart, onnxFile } from '../support/files/onnx.js';

const relu = (from: string, to: string): NodePart => ['Relu', [from], [to]];

describe('a graph that does not hold together is a WeightsError', () => {
  test.each([
    ['a cycle', { nodes: [relu('b', 'a'), relu('a', 'b'), relu('b', 'y')] }, /node "b" reads "a", which is computed from it/],
    ['a value of its own', { nodes: [relu('y', 'y')] }, /node "y" reads "y", which is computed from it/],
    ['a missing value', { nodes: [relu('z', 'y')] }, /node "y" reads "z", which nothing computes/],
    ['a missing output', { nodes: [relu('x', 'z')] }, /an output reads "y", which nothing computes/],
    ['a value twice', { nodes: [relu('x', 'y'), relu('x', 'y')] }, /two values are called "y"/],
    ['a value as the input', { nodes: [relu('x', 'x'), relu('x', 'y')] }, /two values are called "x"/],
    [
      'two initializers',
      { nodes: [relu('x', 'y')], initializers: [floats('w', [1], [1]), floats('w', [1], [1])] },
      /two initializers are called "w"/,
    ],
    ['no output', { nodes: [relu('x', 'y')], outputs: [] }, /expected an output/],
  ])('%s', async (_, parts, expected) => {
    const error = await readOnnx(onnxFile(parts)).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect((error as Error).message).toMatch(expected);
  });
});

test('operator sets before 7 and after 23 are refused', async () => {
  for (const opset of [0, 6, 24]) await expect(readOnnx(onnxFile({ opset, nodes: [relu('x', 'y')] }))).rejects.toThrow(UnsupportedError);
  for (const opset of [7, 23]) expect((await readOnnx(onnxFile({ opset, nodes: [relu('x', 'y')] }))).opset).toBe(opset);
});

test('no graph, or another kind of file, is a WeightsError', async () => {
  for (const bytes of [new Uint8Array(0), new TextEncoder().encode('{"not": "onnx"}'), concatBytes([int(1, 8)])])
    await expect(readOnnx(bytes)).rejects.toThrow(WeightsError);
});

test('nodes that no output needs are dropped, and initializers that are inputs too are no inputs', async () => {
  const model = await readOnnx(
    onnxFile({
      nodes: [relu('x', 'y'), ['Loop', ['x'], ['unused']]],
      initializers: [floats('w', [1], [1])],
      inputs: [
        { name: 'x', shape: [1, 2] },
        { name: 'w', shape: [1] },
      ],
    }),
  );
  expect([...operators(model)]).toEqual([['Relu', 1]]);
  expect(model.inputs.map(({ name }) => name)).toEqual(['x']);
});

describe('memory is in proportion to the file', () => {
  test.each([
    ['nodes', concatBytes([int(1, 8), message(7, ...Array.from({ length: 30_000 }, () => message(1)))])],
    ['tensors', message(7, ...Array.from({ length: 30_000 }, () => message(5)))],
    [
      'attributes',
      message(7, message(1, ...Array.from({ length: 30_000 }, (_, i) => message(5, message(1, new TextEncoder().encode(`${i}`)))))),
    ],
    [
      'ints of an attribute',
      message(7, message(1, message(5, ...Array.from({ length: 50 }, () => message(8, new Uint8Array(4000).fill(1)))))),
    ],
  ])('too many %s are a WeightsError', async (_, file) => {
    await expect(readOnnx(file)).rejects.toThrow(/objects take at most \d+ bytes of memory/);
  });

  test('a constant of any shape that a file asks for is refused', async () => {
    const parts = {
      nodes: [
        ['Constant', [], ['shape'], { value_ints: [1_000_000, 1_000_000] }],
        ['ConstantOfShape', ['shape'], ['filled']],
        ['Add', ['x', 'filled'], ['y']],
      ] as const,
    };
    const model = await readOnnx(onnxFile(parts));
    expect(() => graphOfOnnx(model, { input: [1, 1, 1, 1] })).toThrow(/is no shape, or more than 1048576 values/);
  });
});

test('weights may all be Constant nodes, and what is made of them may be as large', async () => {
  const [rows, columns] = [400, 500];
  const w = floats('', [rows, columns], new Array<number>(rows * columns).fill(0.5));
  const file = onnxFile({
    nodes: [
      ['Constant', [], ['w'], { value: { tensor: w } }],
      ['Transpose', ['w'], ['t'], { perm: [1, 0] }],
      ['Transpose', ['t'], ['u'], { perm: [1, 0] }],
      ['Gemm', ['x', 'u'], ['y']],
    ],
  });
  const { weights } = graphOfOnnx(await readOnnx(file), { input: [1, rows] });
  expect([...weights.values()].map(({ shape }) => shape)).toEqual([[columns, rows]]);
});

test.each([
  ['shapes.opset13', [2, 3, 11, 14]],
  ['senext-float16', [1, 3, 64, 64]],
])('a damaged file is a typed error, or a network all the same: %s', async (name, input) => {
  const sound = new Uint8Array(readFileSync(`test/fixtures/onnx/${name}.onnx`));
  const damage = fc.array(fc.tuple(fc.nat(sound.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 });
  await fc.assert(
    fc.asyncProperty(damage, fc.nat(sound.length), async (places, length) => {
      const bytes = sound.slice(0, length % 3 === 0 ? length : sound.length);
      for (const [at, value] of places) if (at < bytes.length) bytes[at] = value;
      try {
        graphOfOnnx(await readOnnx(bytes), { input });
      } catch (error) {
        expect(error).toBeInstanceOf(SenetError);
      }
    }),
    { numRuns: 500 },
  );
});

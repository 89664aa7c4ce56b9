import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import type { Node } from '../../src/ops/op.js';
import { tensor } from '../../src/tensor.js';
import { floats, ints, type NodePart, raw, s8, s32, type TensorPart, u8 } from '../support/files/onnx.js';
import { close, counting, imported, opsOf, outputShape, run } from './run.js';

const image = counting([1, 2, 3, 3], (i) => (i - 8) / 4);
const xs = [floats('xs', [], [0.25]), u8('xz', [], [128])];
const quantised: NodePart = ['QuantizeLinear', ['x', 'xs', 'xz'], ['q']];
const back: NodePart = ['DequantizeLinear', ['q', 'xs', 'xz'], ['d']];
const last: readonly NodePart[] = [
  ['QuantizeLinear', ['f', 'ys', 'yz'], ['r']],
  ['DequantizeLinear', ['r', 'ys', 'yz'], ['y']],
];
const ys = [floats('ys', [], [0.5]), u8('yz', [], [100])];
const weights = [s8('w', [3, 2, 1, 1], [1, -2, 3, 127, -128, 5]), floats('ws', [3], [0.5, 0.25, 1]), s8('wz', [3], [0, 0, 0])];
const unpacked: NodePart = ['DequantizeLinear', ['w', 'ws', 'wz'], ['wf'], { axis: 0 }];

describe('values', () => {
  test('QuantizeLinear and back, for all: halves to even', async () => {
    const parts = {
      nodes: [quantised, ['DequantizeLinear', ['q', 'xs', 'xz'], ['y']] as NodePart],
      initializers: [floats('xs', [], [0.5]), u8('xz', [], [3])],
    };
    expect(await run(parts, tensor([1, 4], [0.25, 0.75, -0.25, -9]))).toEqual([0, 1, 0, -1.5]);
  });

  test('along the channels, without a zero point, and int8 by that alone', async () => {
    const along = (zero: readonly TensorPart[]) => ({
      nodes: [
        ['QuantizeLinear', ['x', 's', ...zero.map(({ name }) => name)], ['q'], { axis: 1 }] as NodePart,
        ['DequantizeLinear', ['q', 's', ...zero.map(({ name }) => name)], ['y'], { axis: 1 }] as NodePart,
      ],
      initializers: [floats('s', [2], [1, 2]), ...zero],
    });
    const x = tensor([1, 2, 1, 2], [-3, 300, -3, 300]);
    expect(await run(along([]), x)).toEqual([0, 255, 0, 300]);
    expect(await run(along([s8('z', [2], [0, 1])]), x)).toEqual([-3, 127, -4, 252]);
  });

  test('initializers that are quantised in the file are weights', async () => {
    const nodes: NodePart[] = [
      ['QuantizeLinear', ['w', 'ws', 'wz'], ['wq']],
      ['DequantizeLinear', ['wq', 'ws', 'wz'], ['wf']],
      ['MatMul', ['x', 'wf'], ['y']],
    ];
    const parts = { nodes, initializers: [floats('w', [2, 1], [0.6, -0.2]), floats('ws', [], [0.5]), s8('wz', [], [0])] };
    expect(await run(parts, tensor([1, 2], [4, 8]))).toEqual([2]);
    expect(opsOf(await imported(parts, [1, 2]))).toEqual(['scaledLinear']);
  });

  test('constants are quantised to the type that is stated, and a zero point may be a cast', async () => {
    const nodes: NodePart[] = [
      ['QuantizeLinear', ['w', 'ws'], ['wq'], { output_dtype: 3 }],
      ['Cast', ['z'], ['z8'], { to: 3 }],
      ['DequantizeLinear', ['wq', 'ws', 'z8'], ['wf']],
      ['MatMul', ['x', 'wf'], ['y']],
    ];
    const initializers = [floats('w', [2, 1], [0.6, -0.2]), floats('ws', [], [0.5]), ints('z', [], [0])];
    expect(await run({ opset: 21, nodes, initializers }, tensor([1, 2], [4, 8]))).toEqual([2]);
  });

  test('a range that is found on the way', async () => {
    const nodes: NodePart[] = [
      ['DynamicQuantizeLinear', ['x'], ['q', 's', 'z']],
      ['MatMulInteger', ['q', 'w', 'z'], ['i']],
      ['Cast', ['i'], ['y'], { to: 1 }],
    ];
    const parts = { nodes, initializers: [s8('w', [2, 2], [1, 2, 3, -4])] };
    // the range is −1 to 254: scale 1, zero point 1
    expect(await run(parts, tensor([1, 2], [-1, 254]))).toEqual([-1 + 3 * 254, -2 - 4 * 254]);
    expect(opsOf(await imported(parts, [1, 2]))).toEqual([
      'dynamicScale',
      'dynamicZeroPoint',
      'quantiseBy',
      'integerLinear',
      'dequantiseAxis',
    ]);
  });
});

describe('QDQ that is an op of integers becomes it, and computes the same', () => {
  const conv: NodePart = ['Conv', ['d', 'wf', 'bf'], ['c']];
  const relu: NodePart = ['Relu', ['c'], ['f']];
  const bias = (scales: readonly number[]): readonly TensorPart[] => [s32('b', [3], [4, -6, 8]), floats('bs', [3], scales)];
  const unpackedBias: NodePart = ['DequantizeLinear', ['b', 'bs'], ['bf'], { axis: 0 }];
  const layer = (scales: readonly number[]) => ({
    nodes: [quantised, back, unpacked, unpackedBias, conv, relu, ...last],
    initializers: [...xs, ...ys, ...weights, ...bias(scales)],
  });
  const exact = [0.125, 0.0625, 0.25]; // xs · ws

  test('a convolution with its ReLU, if its bias is of the products', async () => {
    expect(opsOf(await imported(layer(exact), image.shape))).toEqual(['quantise', 'quantisedConv2d', 'dequantise']);
    const otherwise = [0.125, 0.0625, 0.125];
    expect(opsOf(await imported(layer(otherwise), image.shape))).toEqual([
      'quantise',
      'dequantise',
      'conv2d',
      'relu',
      'quantise',
      'dequantise',
    ]);
    const found = await run(layer(exact), image);
    const d = [...image.data].map((x) => Math.round(x * 4) / 4);
    const w = [0.5, -1, 0.75, 31.75, -128, 5];
    const b = [0.5, -0.375, 2];
    const wanted = [0, 1, 2].flatMap((o) =>
      Array.from({ length: 9 }, (_, i) => {
        const sum = (b[o] as number) + (w[2 * o] as number) * (d[i] as number) + (w[2 * o + 1] as number) * (d[9 + i] as number);
        const r = Math.max(sum, 0) / 0.5;
        const even = Math.abs(r % 1) === 0.5 ? 2 * Math.round(r / 2) : Math.round(r);
        return (Math.min(even + 100, 255) - 100) * 0.5;
      }),
    );
    expect(found).toEqual(wanted);
  });

  test.each<readonly [string, readonly NodePart[], readonly string[]]>([
    ['a sum', [['Add', ['d', 'd'], ['f']]], ['quantise', 'quantisedAdd', 'dequantise']],
    ['a function', [['Sigmoid', ['d'], ['f']]], ['quantise', 'quantisedPointwise', 'dequantise']],
    ['another quantisation', [['Identity', ['d'], ['f']]], ['quantise', 'quantisedPointwise', 'dequantise']],
    ['a mean', [['GlobalAveragePool', ['d'], ['f']]], ['quantise', 'quantisedGlobalAvgPool', 'quantise', 'dequantise']],
    [
      'a function without a table is none',
      [
        ['Flatten', ['d'], ['e']],
        ['Elu', ['e'], ['f']],
      ],
      ['quantise', 'dequantise', 'apply', 'quantise', 'dequantise'],
    ],
  ])('%s', async (_, nodes, ops) => {
    const parts = { nodes: [quantised, back, ...nodes, ...last], initializers: [...xs, ...ys] };
    expect(opsOf(await imported(parts, image.shape))).toEqual(ops);
  });

  describe('a Clip of integers', () => {
    const clipped = (nodes: readonly NodePart[], more: readonly TensorPart[] = []) => ({
      nodes: [quantised, ...nodes, ['DequantizeLinear', ['r', 'xs', 'xz'], ['y']] as NodePart],
      initializers: [...xs, u8('low', [], [126]), u8('high', [], [130]), ...more],
    });
    const x = tensor([1, 1, 1, 4], [-2, -0.25, 0.25, 2]);

    test('is the range of the op that makes them', async () => {
      const both = clipped([['Clip', ['q', 'low', 'high'], ['r']]]);
      expect(await run(both, x)).toEqual([-0.5, -0.25, 0.25, 0.5]);
      expect(opsOf(await imported(both, x.shape))).toEqual(['quantise', 'dequantise']);
      const [, quantise, dequantise] = (await imported(both, x.shape)).nodes;
      expect([quantise?.integers?.range, (dequantise as Node<'dequantise'>).attrs.x.range]).toEqual([
        [126, 130],
        [126, 130],
      ]);
      expect(await run(clipped([['Clip', ['q', 'low'], ['r']]]), x)).toEqual([-0.5, -0.25, 0.25, 2]);
      expect(await run(clipped([['Clip', ['q', '', 'high'], ['r']]]), x)).toEqual([-2, -0.25, 0.25, 0.5]);
    });

    test('of integers that are only chosen is a table, and one beyond all of them is its limit', async () => {
      const pool: NodePart = ['MaxPool', ['q'], ['p'], { kernel_shape: [1, 1] }];
      const pooled = clipped([pool, ['Clip', ['p', 'low', 'high'], ['r']]]);
      expect(await run(pooled, x)).toEqual([-0.5, -0.25, 0.25, 0.5]);
      expect(opsOf(await imported(pooled, x.shape))).toEqual(['quantise', 'maxPool2d', 'quantisedPointwise', 'dequantise']);
      const twice = clipped(
        [
          ['Clip', ['q', 'low', 'high'], ['p']],
          ['Clip', ['p', 'above'], ['r']],
        ],
        [u8('above', [], [132])],
      );
      expect(await run(twice, x)).toEqual([1, 1, 1, 1]);
    });
  });

  test('what is left as floats is of exact sums: a mean, a last layer; weights alone stay integers too', async () => {
    const nodes: NodePart[] = [
      quantised,
      back,
      ['GlobalAveragePool', ['d'], ['m']],
      ['Flatten', ['m'], ['f']],
      ['DequantizeLinear', ['w', 'ws', 'wz'], ['wf'], { axis: 0 }],
      ['Gemm', ['f', 'wf'], ['y'], { transB: 1 }],
    ];
    const w = [s8('w', [3, 2], [1, -2, 3, 127, -128, 5]), floats('ws', [3], [0.5, 0.25, 1]), s8('wz', [3], [0, 0, 0])];
    const plane = tensor([1, 2, 1, 2], [1, 2, -1, -3]); // means 1.5 and −2
    expect(opsOf(await imported({ nodes, initializers: [...xs, ...w] }, plane.shape))).toEqual([
      ...['quantise', 'quantisedGlobalAvgPool', 'scaledLinear'],
    ]);
    expect(await run({ nodes, initializers: [...xs, ...w] }, plane)).toEqual([2.75, -62.375, -202]);
    const last: NodePart[] = [quantised, ['Flatten', ['q'], ['r']], ['DequantizeLinear', ['r', 'xs', 'xz'], ['f']], ...nodes.slice(4)];
    const wide = [s8('w', [1, 4], [1, -2, 3, 127]), floats('ws', [1], [0.5]), s8('wz', [1], [0])];
    expect(opsOf(await imported({ nodes: last, initializers: [...xs, ...wide] }, plane.shape))).toEqual(['quantise', 'quantisedLinear']);
    expect(await run({ nodes: last, initializers: [...xs, ...wide] }, plane)).toEqual([(1 - 4 - 3 - 381) / 2]);
  });

  test('SE is found where it is quantised, and its gate is part of the requantisation', async () => {
    const model = await readOnnx(await readFile('test/fixtures/onnx/qdq-u8.onnx'));
    const { graph, gates } = graphOfOnnx(model, { gates: true });
    expect([...gates.values()]).toEqual([{ activation: 'sigmoid', slope: 1, offset: 0, inner: 'relu' }]);
    expect(opsOf(graph)).toContain('quantisedScale');
  });
});

describe('operators of integers', () => {
  const pads = { pads: [0, 1, 0, 0] };
  test('QLinearConv: padding is the zero point, weights of uint8 have zero points of their own', async () => {
    const nodes: NodePart[] = [
      quantised,
      ['QLinearConv', ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz', 'b'], ['r'], pads],
      ['DequantizeLinear', ['r', 'ys', 'yz'], ['y']],
    ];
    const initializers = [
      ...xs,
      ...ys,
      u8('w', [2, 1, 1, 2], [11, 12, 7, 9]),
      floats('ws', [2], [0.5, 1]),
      u8('wz', [2], [10, 9]),
      s32('b', [2], [8, 0]),
    ];
    const x = tensor([1, 1, 1, 2], [1, 3]); // 4 and 12 above the zero point
    // sums 8 + 1·0 + 2·4, 8 + 1·4 + 2·12; −2·0 + 0·4, −2·4 + 0·12: times 1/4 · ws / 1/2
    expect(await run({ nodes, initializers }, x)).toEqual([2, 4.5, 0, -2]);
  });

  test('ConvInteger, and what follows as a float', async () => {
    const nodes: NodePart[] = [quantised, ['ConvInteger', ['q', 'w', 'xz'], ['i'], pads], ['Cast', ['i'], ['y'], { to: 1 }]];
    const parts = { nodes, initializers: [...xs, s8('w', [1, 1, 1, 2], [1, -3])] };
    expect(await run(parts, tensor([1, 1, 1, 2], [1, 3]))).toEqual([-12, 4 - 36]);
  });

  test('QLinearMatMul', async () => {
    const nodes: NodePart[] = [
      quantised,
      ['QLinearMatMul', ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'], ['r']],
      ['DequantizeLinear', ['r', 'ys', 'yz'], ['y']],
    ];
    const initializers = [...xs, ...ys, s8('w', [2, 2], [1, 2, 3, -4]), floats('ws', [], [0.5]), s8('wz', [], [0])];
    expect(await run({ nodes, initializers }, tensor([1, 2], [1, 2]))).toEqual([3.5, -3]);
  });
});

describe('integers that are moved stay integers', () => {
  const moved = (node: NodePart, more: readonly TensorPart[] = []) => ({
    nodes: [quantised, node, ['DequantizeLinear', ['m', 'xs', 'xz'], ['y']]] as NodePart[],
    initializers: [...xs, ...more],
  });
  const i64 = (name: string, values: readonly number[]): TensorPart => ints(name, [values.length], values);
  const x = tensor([1, 2, 2, 2], [1, 2, 3, 4, -1, -2, -3, -4]);
  test.each<readonly [string, NodePart, readonly TensorPart[], readonly number[]]>([
    ['Transpose', ['Transpose', ['q'], ['m'], { perm: [0, 2, 3, 1] }], [], [1, -1, 2, -2, 3, -3, 4, -4]],
    ['Reshape', ['Reshape', ['q', 's'], ['m']], [i64('s', [4, 2])], [1, 2, 3, 4, -1, -2, -3, -4]],
    ['Slice of a channel', ['Slice', ['q', 's', 'e', 'a'], ['m']], [i64('s', [1]), i64('e', [2]), i64('a', [1])], [-1, -2, -3, -4]],
    ['Split', ['Split', ['q'], ['o', 'm'], { axis: 3 }], [], [2, 4, -2, -4]],
    // 0 is the integer 0, which is −32
    ['Pad', ['Pad', ['q', 'p'], ['m']], [i64('p', [0, 0, 0, 1, 0, 0, 0, 0])], [-32, 1, 2, -32, 3, 4, -32, -1, -2, -32, -3, -4]],
  ])('%s', async (_, node, more, expected) => {
    expect(await run(moved(node, more), x)).toEqual(expected);
  });

  test('what is padded with 0 is quantised with its zeros', async () => {
    const nodes: NodePart[] = [quantised, back, ['Pad', ['d', 'p'], ['f']], ...last];
    const initializers = [...xs, ...ys, i64('p', [0, 0, 0, 1, 0, 0, 0, 1])];
    expect(await run({ nodes, initializers }, tensor([1, 1, 1, 2], [1, -3]))).toEqual([0, 1, -3, 0]);
  });
});

describe('layers of integers keep the axes of their input', () => {
  /** To 8 bits, by the smallest and the largest value, 0 among them (DynamicQuantizeLinear-11). */
  const dynamic = (values: readonly number[]): { readonly scale: number; readonly zero: number; readonly q: readonly number[] } => {
    const [low, high] = [Math.min(0, ...values), Math.max(0, ...values)];
    const scale = (high - low) / 255;
    const zero = Math.round(-low / scale);
    return { scale, zero, q: values.map((value) => Math.round(value / scale) + zero) };
  };

  test('DynamicQuantizeLinear and MatMulInteger of rank 3, twice', async () => {
    const nodes: NodePart[] = [
      ['DynamicQuantizeLinear', ['x'], ['q', 's', 'z']],
      ['MatMulInteger', ['q', 'w', 'z'], ['i']],
      ['Cast', ['i'], ['f'], { to: 1 }],
      ['Mul', ['f', 's'], ['g']],
      ['DynamicQuantizeLinear', ['g'], ['q2', 's2', 'z2']],
      ['MatMulInteger', ['q2', 'w', 'z2'], ['j']],
      ['Cast', ['j'], ['y'], { to: 1 }],
    ];
    const parts = { nodes, initializers: [s8('w', [2, 2], [1, 0, 1, 1])] };
    const x = tensor([2, 2, 2], [0, 255, 1, 2, 3, 4, 5, 6]); // scale 1, zero point 0
    expect(await outputShape(parts, x.shape)).toEqual([2, 2, 2]);
    const layer = (row: readonly number[]): readonly number[] =>
      Array.from({ length: row.length / 2 }, (_, r) => [
        (row[2 * r] as number) + (row[2 * r + 1] as number),
        row[2 * r + 1] as number,
      ]).flat();
    expect(await run(parts, x)).toEqual(layer(dynamic(layer([...x.data])).q));
  });

  test('QLinearMatMul of rank 3', async () => {
    const nodes: NodePart[] = [
      quantised,
      ['QLinearMatMul', ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'], ['r']],
      ['DequantizeLinear', ['r', 'ys', 'yz'], ['y']],
    ];
    const parts = { nodes, initializers: [...xs, ...ys, s8('w', [2, 1], [1, 3]), floats('ws', [], [0.5]), s8('wz', [], [0])] };
    const x = tensor([1, 3, 2], [1, 2, 3, 4, 5, 6]);
    expect(await outputShape(parts, x.shape)).toEqual([1, 3, 1]);
    expect(await run(parts, x)).toEqual([3.5, 7.5, 11.5]);
  });

  const cell = [1, 2, 2, 2] as const;
  const u = tensor(cell, [1, 1, 1, 1, 2, 2, 2, 4]); // means 1 and 2.5
  test('an excitation that is quantised as it runs: ConvInteger of one cell', async () => {
    const nodes: NodePart[] = [
      ['GlobalAveragePool', ['x'], ['m']],
      ['DynamicQuantizeLinear', ['m'], ['q', 's', 'z']],
      ['ConvInteger', ['q', 'w', 'z', 'wz'], ['i'], { kernel_shape: [1, 1] }],
      ['Cast', ['i'], ['f'], { to: 1 }],
      ['Mul', ['s', 'half'], ['scale']],
      ['Mul', ['f', 'scale'], ['e']],
      ['Sigmoid', ['e'], ['g']],
      ['Mul', ['x', 'g'], ['y']],
    ];
    const parts = { nodes, initializers: [s8('w', [2, 2, 1, 1], [1, -2, 3, 1]), s8('wz', [1], [0]), floats('half', [1], [0.5])] };
    const { q, scale } = dynamic([1, 2.5]);
    const [a = Number.NaN, b = Number.NaN] = q;
    const gates = [a - 2 * b, 3 * a + b].map((sum) => 1 / (1 + Math.exp((-sum * scale) / 2)));
    close(
      await run(parts, u),
      [...u.data].map((value, i) => value * (gates[Math.floor(i / 4)] as number)),
    );
    expect(opsOf(await imported(parts, cell))).toContain('scale');
  });

  test('QLinearConv of one cell', async () => {
    const nodes: NodePart[] = [
      ['GlobalAveragePool', ['x'], ['m']],
      ['QuantizeLinear', ['m', 'xs', 'xz'], ['q']],
      ['QLinearConv', ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'], ['r']],
      ['DequantizeLinear', ['r', 'ys', 'yz'], ['e']],
      ['Sigmoid', ['e'], ['g']],
      ['Mul', ['x', 'g'], ['y']],
    ];
    const initializers = [...xs, ...ys, s8('w', [2, 2, 1, 1], [1, -2, 3, 1]), floats('ws', [], [0.5]), s8('wz', [], [0])];
    const gates = [-2, 3].map((value) => 1 / (1 + Math.exp(-value))); // of −2, and 2.75, half-way between 5 and 6 halves: to the even one
    close(
      await run({ nodes, initializers }, u),
      [...u.data].map((value, i) => value * (gates[Math.floor(i / 4)] as number)),
    );
  });
});

test('what cannot be expressed says why', async () => {
  const because = async (
    nodes: readonly NodePart[],
    initializers: readonly TensorPart[],
    shape: readonly number[] = [1, 2],
  ): Promise<string> =>
    imported({ nodes, initializers }, shape).then(
      () => '',
      (error: Error) => error.message,
    );
  expect(await because([quantised, ['Relu', ['q'], ['y']]], xs)).toContain('of integers it is not known, only of floats');
  expect(await because([['QuantizeLinear', ['x', 's', 'z'], ['y']]], [floats('s', [], [0]), u8('z', [], [0])])).toContain(
    'a scale is no positive number',
  );
  const wide = { name: 'z', shape: [], type: 4, stored: [raw(Uint16Array.of(0))] };
  expect(await because([['QuantizeLinear', ['x', 's', 'z'], ['y']]], [floats('s', [], [1]), wide])).toContain(
    'only uint8, int8 and int32 are known',
  );
  expect(await because([['ConvInteger', ['x', 'w'], ['y']]], [s8('w', [1, 1, 1, 1], [1])], [1, 1, 1, 1])).toContain(
    'input 0 is no value of uint8 or int8',
  );
  expect(await because([['QuantizeLinear', ['x', 's'], ['y'], { axis: 1 }]], [floats('s', [3], [1, 1, 1])])).toContain(
    '3 scales or zero points do not fit axis 1',
  );
});

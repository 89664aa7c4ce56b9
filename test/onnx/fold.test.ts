import { describe, expect, test } from 'vitest';
import { InputError, ShapeError } from '../../src/errors.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { floats, ints, type NodePart, onnxFile, raw, type TensorPart } from '../support/files/onnx.js';
import { close, counting, imported, opsOf, run } from './run.js';

/** What folding makes of a list of nodes that end in `out`, told by multiplying 1 by each of its numbers. */
async function folded(nodes: readonly NodePart[], initializers: readonly TensorPart[], count: number): Promise<readonly number[]> {
  const asFloats: NodePart[] = [
    ['Cast', ['out'], ['floats'], { to: 1 }],
    ['Mul', ['x', 'floats'], ['y']],
  ];
  return run(
    { opset: 13, nodes: [...nodes, ...asFloats], initializers },
    counting([1, count], () => 1),
  );
}

describe('constants are folded', () => {
  test.each<readonly [string, readonly NodePart[], readonly TensorPart[], readonly number[]]>([
    ['whole numbers are divided towards 0', [['Div', ['a', 'b'], ['out']]], [ints('a', [2], [7, -7]), ints('b', [], [2])], [3, -3]],
    ['Gather takes negative places', [['Gather', ['a', 'i'], ['out']]], [ints('a', [3], [5, 6, 7]), ints('i', [2], [-1, 0])], [7, 5]],
    [
      'Slice goes backwards',
      [['Slice', ['a', 's', 'e', 'z', 't'], ['out']]],
      [ints('a', [4], [1, 2, 3, 4]), ints('s', [1], [-1]), ints('e', [1], [-(2n ** 63n) + 1n]), ints('z', [1], [0]), ints('t', [1], [-1])],
      [4, 3, 2, 1],
    ],
    [
      'Transpose moves',
      [
        ['Reshape', ['a', 's'], ['m']],
        ['Transpose', ['m'], ['n'], { perm: [1, 0] }],
        ['Reshape', ['n', 'r'], ['out']],
      ],
      [ints('a', [6], [1, 2, 3, 4, 5, 6]), ints('s', [2], [2, -1]), ints('r', [1], [-1])],
      [1, 4, 2, 5, 3, 6],
    ],
    ['Concat of lists', [['Concat', ['a', 'b'], ['out'], { axis: 0 }]], [ints('a', [1], [1]), ints('b', [2], [2, 3])], [1, 2, 3]],
    [
      'ConstantOfShape with a value',
      [['ConstantOfShape', ['s'], ['out'], { value: { tensor: ints('', [1], [7]) } }]],
      [ints('s', [1], [2])],
      [7, 7],
    ],
    ['Range', [['Range', ['a', 'b', 'c'], ['out']]], [ints('a', [], [3]), ints('b', [], [9]), ints('c', [], [2])], [3, 5, 7]],
    [
      'Where',
      [
        ['Equal', ['a', 'b'], ['c']],
        ['Where', ['c', 'a', 'z'], ['out']],
      ],
      [ints('a', [2], [1, 2]), ints('b', [2], [1, 3]), ints('z', [], [0])],
      [1, 0],
    ],
    [
      'a product of some axes',
      [
        ['Reshape', ['a', 's'], ['m']],
        ['ReduceProd', ['m'], ['out'], { axes: [0], keepdims: 0 }],
      ],
      [ints('a', [6], [1, 2, 3, 4, 5, 6]), ints('s', [2], [2, 3])],
      [4, 10, 18],
    ],
    [
      'weights that are standardised',
      [
        ['ReduceMean', ['w'], ['mean'], { axes: [1] }],
        ['Sub', ['w', 'mean'], ['centred']],
        ['ReduceL2', ['centred'], ['norm'], { axes: [1] }],
        ['Div', ['centred', 'norm'], ['whole']],
        ['Reshape', ['whole', 's'], ['out']],
      ],
      [floats('w', [2, 4], [2, 6, 2, 6, 8, 8, -8, -8]), ints('s', [1], [-1])],
      [-0.5, 0.5, -0.5, 0.5, 0.5, 0.5, -0.5, -0.5],
    ],
    ['a rounding', [['Round', ['a'], ['out']]], [floats('a', [3], [0.5, 1.5, -2.5])], [0, 2, -2]],
    ['Expand', [['Expand', ['a', 's'], ['out']]], [ints('a', [1], [4]), ints('s', [1], [3])], [4, 4, 4]],
    [
      'Unsqueeze and Squeeze',
      [
        ['Unsqueeze', ['a', 'z'], ['u']],
        ['Squeeze', ['u', 'z'], ['out']],
      ],
      [ints('a', [2], [1, 2]), ints('z', [1], [0])],
      [1, 2],
    ],
    ['ReduceProd', [['ReduceProd', ['a'], ['out'], { keepdims: 1 }]], [ints('a', [3], [2, 3, 4])], [24]],
    ['Identity of an initializer', [['Identity', ['a'], ['out']]], [ints('a', [2], [3, 4])], [3, 4]],
    [
      'int8 weights with a scale',
      [['DequantizeLinear', ['a', 's', 'z'], ['out']]],
      [
        { ...ints('a', [2], []), type: 3, stored: ints8(10, -10) },
        floats('s', [], [0.5]),
        { ...ints('z', [], []), type: 3, stored: ints8(2) },
      ],
      [4, -6],
    ],
    [
      'floats are rounded to float32: 10 · 0.7 is 7',
      [
        ['Cast', ['a'], ['f'], { to: 1 }],
        ['Mul', ['f', 's'], ['m']],
        ['Floor', ['m'], ['out']],
      ],
      [ints('a', [2], [10, 130]), floats('s', [], [0.7])],
      [7, 91],
    ],
    [
      'float64 is not: 10 · 0.7 in float32 is less than 7',
      [
        ['Cast', ['s'], ['wide'], { to: 11 }],
        ['Cast', ['a'], ['f'], { to: 11 }],
        ['Mul', ['f', 'wide'], ['m']],
        ['Floor', ['m'], ['out']],
      ],
      [ints('a', [1], [10]), floats('s', [], [0.7])],
      [6],
    ],
    [
      'a sum is rounded to float32',
      [['ReduceSum', ['a'], ['out'], { keepdims: 1 }]],
      [floats('a', [3], [2 ** 24, 0.75, 0.75])],
      [2 ** 24 + 2],
    ],
    ['whole numbers become float32', [['Cast', ['a'], ['out'], { to: 1 }]], [ints('a', [1], [2 ** 24 + 1])], [2 ** 24]],
    [
      'a remainder has the sign of the dividend with fmod, else that of the divisor',
      [
        ['Mod', ['a', 'b'], ['f'], { fmod: 1 }],
        ['Mod', ['a', 'b'], ['m']],
        ['Concat', ['f', 'm'], ['out'], { axis: 0 }],
      ],
      [ints('a', [2], [-7, 7]), ints('b', [], [3])],
      [-1, 1, 2, 1],
    ],
    [
      'a cast to fewer bits keeps the lowest',
      [
        ['Cast', ['a'], ['u'], { to: 2 }],
        ['Cast', ['u'], ['v'], { to: 7 }],
        ['Cast', ['a'], ['i'], { to: 3 }],
        ['Cast', ['i'], ['j'], { to: 7 }],
        ['Concat', ['v', 'j'], ['out'], { axis: 0 }],
      ],
      [ints('a', [3], [300, -1, 128])],
      [44, 255, 128, 44, -1, -128],
    ],
  ])('%s', async (_, nodes, initializers, expected) => {
    expect(await folded(nodes, initializers, expected.length)).toEqual(expected);
  });

  const three = [floats('a', [3], [-1, 0, 2])];
  test.each<readonly [string, NodePart, readonly TensorPart[], readonly number[]]>([
    ['Sigmoid', ['Sigmoid', ['a'], ['out']], three, [1 / (1 + Math.E), 0.5, 1 / (1 + Math.exp(-2))]],
    ['Relu', ['Relu', ['a'], ['out']], three, [0, 0, 2]],
    ['Tanh', ['Tanh', ['a'], ['out']], three, [-1, 0, 2].map(Math.tanh)],
    ['Softplus', ['Softplus', ['a'], ['out']], three, [-1, 0, 2].map((value) => Math.log(1 + Math.exp(value)))],
    ['HardSigmoid', ['HardSigmoid', ['a'], ['out'], { alpha: { float: 0.25 } }], three, [0.25, 0.5, 1]],
    ['LeakyRelu', ['LeakyRelu', ['a'], ['out'], { alpha: { float: 0.5 } }], three, [-0.5, 0, 2]],
    ['Elu', ['Elu', ['a'], ['out']], three, [Math.exp(-1) - 1, 0, 2]],
    ['Clip', ['Clip', ['a', '', 'm'], ['out']], [...three, floats('m', [], [1])], [-1, 0, 1]],
    ['Clip of whole numbers', ['Clip', ['i', 'l'], ['out']], [ints('i', [2], [3, 9]), ints('l', [], [5])], [5, 9]],
    ['Tile', ['Tile', ['a', 'r'], ['out']], [floats('a', [3], [1, 2, 3]), ints('r', [1], [2])], [1, 2, 3, 1, 2, 3]],
    ['the second part of a Split', ['Split', ['a', 'p'], ['first', 'out']], [floats('a', [3], [1, 2, 3]), ints('p', [2], [1, 2])], [2, 3]],
    ['Softmax', ['Softmax', ['a'], ['out'], { axis: 0 }], [floats('a', [2], [0, Math.log(3)])], [0.25, 0.75]],
    ['MatMul', ['MatMul', ['v', 'w'], ['out']], [floats('v', [2], [1, 10]), floats('w', [2, 3], [1, 2, 3, 4, 5, 6])], [41, 52, 63]],
    ['ReduceSumSquare', ['ReduceSumSquare', ['a'], ['out'], { keepdims: 1 }], three, [5]],
    ['ReduceL1', ['ReduceL1', ['a'], ['out'], { keepdims: 1 }], three, [3]],
  ])('by operators that rarely read constants alone: %s', async (_, node, initializers, expected) => {
    close(await folded([node], initializers, expected.length), expected);
  });

  test('by such operators along any axis', async () => {
    const nodes: NodePart[] = [
      ['Split', ['a'], ['b', 'c'], { axis: 1 }],
      ['Tile', ['c', 'r'], ['d']],
      ['Softmax', ['d'], ['e'], { axis: 0 }],
      ['Reshape', ['e', 's'], ['out']],
    ];
    const initializers = [floats('a', [2, 4], [9, 9, 0, 1, 9, 9, Math.log(3), 1]), ints('r', [2], [1, 2]), ints('s', [1], [-1])];
    close(await folded(nodes, initializers, 8), [0.25, 0.5, 0.25, 0.5, 0.75, 0.5, 0.75, 0.5]);
  });

  test('a small operand meets a large one: weights by a norm per output, and by a number', async () => {
    const [O, K] = [64, 2 ** 15];
    const weights = Array.from({ length: O * K }, (_, i) => ((i % 5) - 2) * (1 + Math.floor(i / K)));
    const nodes: NodePart[] = [
      ['ReduceL2', ['w'], ['norm'], { axes: [1] }],
      ['Div', ['w', 'norm'], ['unit']],
      ['Mul', ['unit', 'g'], ['scaled']],
      ['Mul', ['scaled', 'tenth'], ['tenths']],
      ['Cast', ['i8'], ['f'], { to: 1 }],
      ['Mul', ['f', 'tenth'], ['other']],
      ['Add', ['tenths', 'other'], ['all']],
      ['Gemm', ['x', 'all'], ['y'], { transB: 1 }],
    ];
    const gains = Array.from({ length: O }, (_, o) => o - 7);
    const initializers = [
      floats('w', [O, K], weights),
      floats('g', [O, 1], gains),
      floats('tenth', [], [0.125]),
      { ...ints('i8', [O, K], []), type: 3, stored: [raw(Int8Array.from(weights, Math.sign))] },
    ];
    const found = await run(
      { opset: 13, nodes, initializers },
      counting([1, K], (i) => Number(i < 2)),
    );
    for (const [o, gain] of gains.entries()) {
      const row = weights.slice(o * K, o * K + K);
      const norm = Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
      const [a, b] = row as [number, number];
      expect(found[o]).toBeCloseTo((((a + b) / norm) * gain + Math.sign(a) + Math.sign(b)) / 8, 5);
    }
  });

  test('a row and a column that are added are larger than both', async () => {
    const line = Array.from({ length: 512 }, (_, i) => i);
    const nodes: NodePart[] = [
      ['Add', ['row', 'column'], ['p']],
      ['Add', ['x', 'p'], ['y']],
    ];
    const initializers = [floats('row', [1, 1, 1, 512], line), floats('column', [1, 1, 512, 1], line)];
    const found = await run(
      { nodes, initializers },
      counting([1, 1, 512, 512], () => 1),
    );
    expect([found[0], found[511], found[512], found[512 * 512 - 1]]).toEqual([1, 512, 2, 1023]);
  });
});

function ints8(...values: readonly number[]): readonly Uint8Array[] {
  return [raw(Int8Array.from(values))];
}

/** x.view(x.shape[0], 2, x.shape[1] / 2, H, W).transpose(1, 2).reshape(x.shape), as PyTorch's exporter writes it. */
const shuffle: readonly NodePart[] = [
  ['Shape', ['x'], ['shape']],
  ['Gather', ['shape', 'i0'], ['N'], { axis: 0 }],
  ['Gather', ['shape', 'i1'], ['C'], { axis: 0 }],
  ['Div', ['C', 'two'], ['half']],
  ['Unsqueeze', ['N', 'at0'], ['N1']],
  ['Unsqueeze', ['half', 'at0'], ['half1']],
  ['Concat', ['N1', 'two1', 'half1', 'plane'], ['view'], { axis: 0 }],
  ['Reshape', ['x', 'view'], ['split']],
  ['Transpose', ['split'], ['swapped'], { perm: [0, 2, 1, 3, 4] }],
  ['Reshape', ['swapped', 'back'], ['y']],
];
const shuffleConstants = [
  ints('i0', [], [0]),
  ints('i1', [], [1]),
  ints('two', [], [2]),
  ints('at0', [1], [0]),
  ints('two1', [1], [2]),
  ints('plane', [2], [1, 1]),
  ints('back', [4], [0, -1, 1, 1]),
];

test('a channel shuffle whose shape is computed is one op', async () => {
  const parts = { nodes: shuffle, initializers: shuffleConstants };
  expect(opsOf(await imported(parts, [2, 6, 1, 1]))).toEqual(['channelShuffle']);
  expect(await run(parts, counting([1, 6, 1, 1]))).toEqual([1, 4, 2, 5, 3, 6]);
});

describe('the input', () => {
  const parts = (shape: readonly (number | string)[]) => ({ nodes: [['Relu', ['x'], ['y']]] as const, inputs: [{ name: 'x', shape }] });
  const shapeFor = async (shape: readonly (number | string)[], input?: readonly number[]) =>
    graphOfOnnx(await readOnnx(onnxFile(parts(shape))), input ? { input } : {}).graph.nodes[0]?.shape;

  test('has the shape of the file, or the one that is asked for where that is open', async () => {
    expect(await shapeFor([1, 3, 8, 8])).toEqual([1, 3, 8, 8]);
    expect(await shapeFor(['n', 3, 'h', 'w'], [2, 3, 5, 7])).toEqual([2, 3, 5, 7]);
  });

  test('of an open shape, or of another, is an error', async () => {
    await expect(shapeFor(['n', 3, 8, 8])).rejects.toThrow(InputError);
    await expect(shapeFor(['n', 3, 8, 8])).rejects.toThrow(/input x is \[n, 3, 8, 8\] in the file: give the shape/);
    await expect(shapeFor(['n', 3, 8, 8], [1, 4, 8, 8])).rejects.toThrow(ShapeError);
  });
});

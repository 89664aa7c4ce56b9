import { describe, expect, test } from 'vitest';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import type { Tensor } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';
import { floats, ints, type NodePart, onnxFile, type TensorPart } from '../support/files/onnx.js';
import { close, counting, imported, opsOf, run } from './run.js';

/** Keras's planes have their channels last: its files transpose them before each convolution, and back. */

const toLast: NodePart = ['Transpose', ['x'], ['u'], { perm: [0, 2, 3, 1] }];
const [C, H, W] = [3, 2, 4];
const planes = seeded([1, C, H, W], 3);
/** The same, as it would come with its channels last. */
const cells = counting([1, H, W, C], (i) => planes.data[(i % C) * H * W + Math.floor(i / C)] as number);

const initializers: readonly TensorPart[] = [
  ...[floats('channels', [C], [1, -2, 3]), floats('rows', [1, H, 1, 1], [1, 2]), floats('all', [1, H, 1, C], [1, 2, 3, 4, 5, 6])],
  ...[floats('one', [], [1]), floats('zero', [], [0]), floats('two', [1, 1], [2]), floats('many', [2, 1, 1, 1, 1], [1, 2])],
  ...[ints('plane', [2], [1, 2]), ints('pads', [8], [0, 1, 0, 0, 0, 0, 2, 0]), ints('more', [8], [0, 0, 0, 1, 0, 0, 0, 0])],
];

describe('planes with channels last are what they would be if they came so', () => {
  test.each<readonly [string, readonly NodePart[]]>([
    ['a function', [['Sigmoid', ['u'], ['y']]]],
    ['a rarer function', [['Softplus', ['u'], ['y']]]],
    ['one with limits', [['Clip', ['u', 'zero', 'one'], ['y']]]],
    ['a number per channel', [['Mul', ['u', 'channels'], ['y']]]],
    ['a number per channel before it', [['Sub', ['channels', 'u'], ['y']]]],
    ['a number per row', [['Add', ['u', 'rows'], ['y']]]],
    ['a number per row and channel', [['Div', ['u', 'all'], ['y']]]],
    ['one number', [['Pow', ['u', 'two'], ['y']]]],
    ['a constant of more axes', [['Add', ['u', 'many'], ['y']]]],
    [
      'themselves',
      [
        ['Relu', ['u'], ['v']],
        ['Add', ['u', 'v'], ['y']],
      ],
    ],
    [
      'their mean',
      [
        ['ReduceMean', ['u'], ['m'], { axes: [1, 2] }],
        ['Sub', ['u', 'm'], ['y']],
      ],
    ],
    ['their mean, without ones', [['ReduceMean', ['u'], ['y'], { axes: [2, 1], keepdims: 0 }]]],
    ['their largest', [['ReduceMax', ['u'], ['y'], { axes: [-3, -2] }]]],
    ['their sum', [['ReduceSum', ['u', 'plane'], ['y']]]],
    ['a mean along channels', [['ReduceMean', ['u'], ['y'], { axes: [3] }]]],
    ['three of them', [['Max', ['u', 'zero', 'channels'], ['y']]]],
    [
      'side by side',
      [
        ['Neg', ['u'], ['v']],
        ['Concat', ['u', 'v'], ['y'], { axis: 3 }],
      ],
    ],
    [
      'one below the other',
      [
        ['Neg', ['u'], ['v']],
        ['Concat', ['u', 'v'], ['y'], { axis: 1 }],
      ],
    ],
    [
      'one behind the other',
      [
        ['Neg', ['u'], ['v']],
        ['Concat', ['u', 'v'], ['y'], { axis: 0 }],
      ],
    ],
    [
      'padded',
      [
        ['Pad', ['u', 'pads'], ['p']],
        ['Exp', ['p'], ['y']],
      ],
    ],
    ['padded with other channels', [['Pad', ['u', 'more', 'two'], ['y']]]],
    ['transposed otherwise', [['Transpose', ['u'], ['y'], { perm: [0, 2, 1, 3] }]]],
  ])('%s', async (_, nodes) => {
    const given = [['Identity', ['x'], ['u']] as NodePart, ...nodes];
    close(await run({ nodes: [toLast, ...nodes], initializers }, planes), await run({ nodes: given, initializers }, cells));
  });

  test('transposed back they are what they were', async () => {
    const nodes: readonly NodePart[] = [
      toLast,
      ['Relu', ['u'], ['r']],
      ['Pad', ['r', 'pads'], ['p']],
      ['Transpose', ['p'], ['f'], { perm: [0, 3, 1, 2] }],
    ];
    const conv: NodePart = ['Conv', ['f', 'w'], ['y']];
    const weight = floats('w', [1, C, 1, 1], [1, 2, 3]);
    const graph = await imported({ nodes: [...nodes, conv], initializers: [...initializers, weight] }, planes.shape);
    expect(opsOf(graph)).toEqual(['relu', 'conv2d']); // which pads
  });

  test('a plane of one cell', async () => {
    const nodes: readonly NodePart[] = [toLast, ['Mul', ['u', 'channels'], ['v']], ['Sigmoid', ['v'], ['y']]];
    const one: Tensor = counting([1, C, 1, 1]);
    close(
      await run({ nodes, initializers }, one),
      [1, -4, 9].map((value) => 1 / (1 + Math.exp(-value))),
    );
  });
});

test('an SE block with channels last is one, on the kernels of others', async () => {
  const nodes: readonly NodePart[] = [
    toLast,
    ['Add', ['u', 'channels'], ['b']],
    ['Relu', ['b'], ['r']],
    ['ReduceMean', ['r'], ['z'], { axes: [1, 2], keepdims: 0 }],
    ['MatMul', ['z', 'w1'], ['h']],
    ['Relu', ['h'], ['d']],
    ['MatMul', ['d', 'w2'], ['e']],
    ['Sigmoid', ['e'], ['s']],
    ['Reshape', ['s', 'ones'], ['s.in']],
    ['Mul', ['r', 's.in'], ['m']],
    ['Transpose', ['m'], ['y'], { perm: [0, 3, 1, 2] }],
  ];
  const weights = [floats('w1', [C, 2], [1, 2, 3, 4, 5, 6]), floats('w2', [2, C], [1, 2, 3, 4, 5, 6]), ints('ones', [4], [1, 1, 1, C])];
  const { graph, gates } = graphOfOnnx(await readOnnx(onnxFile({ nodes, initializers: [...initializers, ...weights] })), {
    input: planes.shape,
  });
  expect([...gates.keys()]).toEqual(['s']);
  expect(opsOf(graph)).toEqual(['batchNorm', 'relu', 'globalAvgPool', 'linear', 'relu', 'linear', 'sigmoid', 'scale']);
});

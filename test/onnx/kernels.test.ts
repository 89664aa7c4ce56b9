import { describe, expect, test } from 'vitest';
import { bounds } from '../../src/bound/bound.js';
import { evaluate } from '../../src/graph/evaluate.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import type { Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { seeded } from '../support/arbitraries.js';
import { expectWithin } from '../support/expectWithin.js';
import { floats, ints, type NodePart, onnxFile, packedDoubles, s8, type TensorPart, u8 } from '../support/files/onnx.js';

const weight = (name: string, shape: readonly number[]): TensorPart =>
  floats(name, shape, [...seeded(shape, name.length + (shape[0] as number)).data]);

/** Networks whose ops no network of ours puts together so. */
const cases: readonly (readonly [string, readonly NodePart[], readonly TensorPart[], readonly number[]])[] = [
  [
    'a number per channel',
    [
      ['Mul', ['x', 'g'], ['m']],
      ['Add', ['m', 's'], ['y']],
    ],
    [weight('g', [5, 1, 1]), weight('s', [5, 1, 1])],
    [2, 5, 3, 4],
  ],
  [
    'a shift of [N, C]',
    [
      ['GlobalAveragePool', ['x'], ['z']],
      ['Add', ['z', 's'], ['y']],
    ],
    [weight('s', [1, 5, 1, 1])],
    [2, 5, 3, 4],
  ],
  [
    'a gate of another slope',
    [
      ['GlobalAveragePool', ['x'], ['z']],
      ['Conv', ['z', 'w'], ['c']],
      ['HardSigmoid', ['c'], ['s']],
      ['Mul', ['x', 's'], ['y']],
    ],
    [weight('w', [5, 5, 1, 1])],
    [2, 5, 3, 4],
  ],
  [
    'channels split and joined',
    [
      ['Split', ['x', 'p'], ['a', 'b'], { axis: 1 }],
      ['Relu', ['b'], ['r']],
      ['Concat', ['r', 'a'], ['y'], { axis: 1 }],
    ],
    [ints('p', [2], [2, 3])],
    [2, 5, 3, 4],
  ],
  [
    'a sum of gates',
    [
      ['GlobalAveragePool', ['x'], ['z']],
      ['GlobalMaxPool', ['x'], ['m']],
      ['Add', ['z', 'm'], ['y']],
    ],
    [],
    [2, 5, 3, 4],
  ],
  [
    'a product of gates',
    [
      ['GlobalAveragePool', ['x'], ['z']],
      ['GlobalMaxPool', ['x'], ['m']],
      ['Mul', ['z', 'm'], ['y']],
    ],
    [],
    [2, 5, 3, 4],
  ],
  [
    'padding apart from the convolution',
    [
      ['Pad', ['x', 'p'], ['q']],
      ['Conv', ['q', 'w'], ['y'], { strides: [2, 2] }],
    ],
    [ints('p', [8], [0, 0, 0, 1, 0, 0, 1, 2]), weight('w', [4, 5, 3, 3])],
    [1, 5, 6, 5],
  ],
  [
    'a bias that is added',
    [
      ['Conv', ['x', 'w'], ['c']],
      ['Add', ['c', 'b'], ['r']],
      ['Relu', ['r'], ['y']],
    ],
    [weight('w', [4, 5, 1, 1]), weight('b', [4, 1, 1])],
    [2, 5, 3, 4],
  ],
  ['planes larger by a multiple', [['Resize', ['x', '', 's'], ['y']]], [floats('s', [4], [1, 1, 2, 3])], [2, 5, 3, 4]],
  [
    'a flattened plane',
    [
      ['Flatten', ['x'], ['f']],
      ['Gemm', ['f', 'w'], ['y'], { transB: 1 }],
    ],
    [weight('w', [3, 60])],
    [2, 5, 3, 4],
  ],
  [
    'numbers per channel of two images, written in two ways',
    [
      ['GlobalAveragePool', ['x'], ['a']],
      ['GlobalMaxPool', ['x'], ['b']],
      ['Sub', ['a', 'b'], ['d']],
      ['Concat', ['d', 'a'], ['y'], { axis: 1 }],
    ],
    [],
    [2, 5, 3, 4],
  ],
  [
    'a mask of −Infinity before a softmax',
    [
      ['Where', ['mask', 'none', 'x'], ['m']],
      ['Add', ['m', 'added'], ['n']],
      ['Softmax', ['n'], ['y'], { axis: -1 }],
    ],
    [ints('mask', [4], [0, 1, 0, 0]), floats('none', [], [-Infinity]), floats('added', [4], [0, 0, 0, -Infinity])],
    [2, 5, 3, 4],
  ],
  [
    'integers that are moved',
    [
      ['QuantizeLinear', ['x', 'scale', 'zero'], ['q']],
      ['Transpose', ['q'], ['t'], { perm: [0, 2, 3, 1] }],
      ['Pad', ['t', 'p'], ['r']],
      ['DequantizeLinear', ['r', 'scale', 'zero'], ['y']],
    ],
    [floats('scale', [], [0.125]), u8('zero', [], [100]), ints('p', [8], [0, 0, 0, 1, 0, 0, 0, 1])],
    [2, 5, 3, 4],
  ],
  [
    'a layer of integers of one cell',
    [
      ['QuantizeLinear', ['x', 'scale', 'zero'], ['q']],
      ['ConvInteger', ['q', 'w', 'zero'], ['i']],
      ['Cast', ['i'], ['f'], { to: 1 }],
      ['Mul', ['f', 'scale'], ['y']],
    ],
    [
      floats('scale', [], [0.125]),
      u8('zero', [], [100]),
      s8(
        'w',
        [5, 5, 1, 1],
        Array.from({ length: 25 }, (_, i) => ((i * 7) % 11) - 5),
      ),
    ],
    [2, 5, 1, 1],
  ],
  [
    'a layer of integers of rows of planes',
    [
      ['QuantizeLinear', ['x', 'scale', 'zero'], ['q']],
      ['MatMulInteger', ['q', 'w', 'zero'], ['i']],
      ['Cast', ['i'], ['y'], { to: 1 }],
    ],
    [
      floats('scale', [], [0.125]),
      u8('zero', [], [100]),
      s8(
        'w',
        [4, 3],
        Array.from({ length: 12 }, (_, i) => ((i * 5) % 9) - 4),
      ),
    ],
    [2, 5, 3, 4],
  ],
];

describe('the kernels stay within the bounds of imported networks', () => {
  test.each(cases)('%s', async (_, nodes, initializers, shape) => {
    const { graph, weights } = graphOfOnnx(await readOnnx(onnxFile({ nodes, initializers })), { input: shape });
    const input = seeded(shape, 3);
    const inputs = { input };
    const exact = evaluate(graph, bounds(weights, inputs));
    using session = await compile(graph, weights);
    const y = session.run(input).get('y') as Tensor;
    expectWithin(y, exact.get('y') as never);
  });
});

test('the scale of a range that is found on the way, alone', async () => {
  const nodes: NodePart[] = [
    ['DynamicQuantizeLinear', ['x'], ['q', 's', 'z']],
    ['Mul', ['x', 's'], ['y']],
  ];
  const { graph, weights } = graphOfOnnx(await readOnnx(onnxFile({ nodes })), { input: [1, 2] });
  using session = await compile(graph, weights);
  const x = { shape: [1, 2], data: Float32Array.of(-255, 255) }; // scale 2
  expect([...(session.run(x).get('y') as Tensor).data]).toEqual([-510, 510]);
});

test.each([Number.NaN, 1e39])('a constant of %d is no operand', async (value) => {
  const nodes: NodePart[] = [['Mul', ['x', 'c'], ['y']]];
  const c: TensorPart = { name: 'c', shape: [2], type: 11, stored: [packedDoubles([1, value])] };
  const { graph, weights } = graphOfOnnx(await readOnnx(onnxFile({ nodes, initializers: [c] })), { input: [1, 1, 1, 2] });
  await expect(compile(graph, weights)).rejects.toThrow(/tensor c holds .* at index 1/);
});

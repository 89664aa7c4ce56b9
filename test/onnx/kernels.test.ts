import { describe, test } from 'vitest';
import { bounds } from '../../src/bound/bound.js';
import { evaluate } from '../../src/graph/evaluate.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import type { Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { seeded } from '../support/arbitraries.js';
import { expectWithin } from '../support/expectWithin.js';
import { floats, ints, type NodePart, onnxFile, type TensorPart } from '../support/files/onnx.js';

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

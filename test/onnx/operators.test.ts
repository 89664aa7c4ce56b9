import { describe, expect, test } from 'vitest';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { floats, ints, type NodePart, onnxFile, type TensorPart } from '../support/files/onnx.js';
import { close, counting, imported, opsOf, run } from './run.js';

const sixth = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } };
const spread = (i: number): number => (i - 5) * 1.25;
const twelve = counting([1, 3, 2, 2], spread);
const clamp = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high);

describe('functions of one value, however they are written', () => {
  const scalars = [floats('3', [], [3]), floats('0', [], [0]), floats('6', [], [6]), floats('sixth', [], [1 / 6])];
  const add3: NodePart[] = [
    ['Add', ['x', '3'], ['a']],
    ['Clip', ['a', '0', '6'], ['c']],
  ];
  test.each<readonly [string, readonly NodePart[], readonly string[], (x: number) => number]>([
    ['HardSigmoid of 1/6', [['HardSigmoid', ['x'], ['y'], sixth]], ['hardSigmoid'], (x) => clamp(x / 6 + 0.5, 0, 1)],
    ['HardSigmoid of 0.2', [['HardSigmoid', ['x'], ['y']]], ['scaleBy', 'hardSigmoid'], (x) => clamp(0.2 * x + 0.5, 0, 1)],
    [
      'HardSigmoid of 0.3 and 0.4',
      [['HardSigmoid', ['x'], ['y'], { alpha: { float: 0.3 }, beta: { float: 0.4 } }]],
      ['batchNorm', 'hardSigmoid'],
      (x) => clamp(0.3 * x + 0.4, 0, 1),
    ],
    ['HardSwish', [['HardSwish', ['x'], ['y']]], ['hardSwish'], (x) => x * clamp(x / 6 + 0.5, 0, 1)],
    [
      'x · HardSigmoid',
      [
        ['HardSigmoid', ['x'], ['s'], sixth],
        ['Mul', ['x', 's'], ['y']],
      ],
      ['hardSwish'],
      (x) => x * clamp(x / 6 + 0.5, 0, 1),
    ],
    [
      'HardSigmoid · x',
      [
        ['HardSigmoid', ['x'], ['s'], sixth],
        ['Mul', ['s', 'x'], ['y']],
      ],
      ['hardSwish'],
      (x) => x * clamp(x / 6 + 0.5, 0, 1),
    ],
    [
      'x · Sigmoid',
      [
        ['Sigmoid', ['x'], ['s']],
        ['Mul', ['x', 's'], ['y']],
      ],
      ['silu'],
      (x) => x / (1 + Math.exp(-x)),
    ],
    ['Add, Clip, Div', [...add3, ['Div', ['c', '6'], ['y']]], ['hardSigmoid'], (x) => clamp(x / 6 + 0.5, 0, 1)],
    ['Add, Clip, Mul by 1/6', [...add3, ['Mul', ['c', 'sixth'], ['y']]], ['hardSigmoid'], (x) => clamp(x / 6 + 0.5, 0, 1)],
    [
      'x · Clip of x + 3, Div',
      [...add3, ['Mul', ['x', 'c'], ['m']], ['Div', ['m', '6'], ['y']]],
      ['hardSwish'],
      (x) => x * clamp(x / 6 + 0.5, 0, 1),
    ],
    [
      'x · (Clip of x + 3, Div)',
      [...add3, ['Div', ['c', '6'], ['d']], ['Mul', ['d', 'x'], ['y']]],
      ['hardSwish'],
      (x) => x * clamp(x / 6 + 0.5, 0, 1),
    ],
    [
      'Sub and Tanh',
      [
        ['Sub', ['x', '3'], ['s']],
        ['Tanh', ['s'], ['y']],
      ],
      ['batchNorm', 'tanh'],
      (x) => Math.tanh(x - 3),
    ],
    ['3 − x', [['Sub', ['3', 'x'], ['y']]], ['batchNorm'], (x) => 3 - x],
    ['x − x', [['Sub', ['x', 'x'], ['y']]], ['combine'], () => 0],
  ])('%s', async (_, nodes, ops, f) => {
    const parts = { nodes, initializers: scalars };
    expect(opsOf(await imported(parts, [1, 3, 2, 2]))).toEqual(ops);
    close(await run(parts, twelve), [...twelve.data].map(f));
  });

  test('a number per channel, however its shape is written', async () => {
    for (const shape of [
      [3, 1, 1],
      [1, 3, 1, 1],
    ]) {
      const initializers = [floats('g', shape, [1, 2, 3]), floats('s', shape, [10, 20, 30])];
      const nodes: NodePart[] = [
        ['Mul', ['x', 'g'], ['m']],
        ['Add', ['s', 'm'], ['y']],
      ];
      close(
        await run({ nodes, initializers }, twelve),
        [...twelve.data].map((x, i) => x * (1 + Math.floor(i / 4)) + 10 * (1 + Math.floor(i / 4))),
      );
    }
  });
});

describe('fully connected layers', () => {
  const row = counting([1, 2]);
  test.each<readonly [string, NodePart[], TensorPart[], readonly number[]]>([
    ['Gemm', [['Gemm', ['x', 'w', 'b'], ['y']]], [floats('w', [2, 3], [1, 2, 3, 4, 5, 6]), floats('b', [3], [10, 20, 30])], [19, 32, 45]],
    [
      'Gemm of transB',
      [['Gemm', ['x', 'w', 'b'], ['y'], { transB: 1 }]],
      [floats('w', [3, 2], [1, 4, 2, 5, 3, 6]), floats('b', [3], [10, 20, 30])],
      [19, 32, 45],
    ],
    [
      'Gemm of alpha and beta',
      [['Gemm', ['x', 'w', 'b'], ['y'], { alpha: { float: 2 }, beta: { float: 0.5 } }]],
      [floats('w', [2, 1], [1, 2]), floats('b', [1], [4])],
      [12],
    ],
    ['Gemm without a bias', [['Gemm', ['x', 'w'], ['y']]], [floats('w', [2, 1], [1, 2])], [5]],
    ['Gemm of one bias for all', [['Gemm', ['x', 'w', 'b'], ['y']]], [floats('w', [2, 2], [1, 2, 3, 4]), floats('b', [1], [1])], [8, 11]],
    ['MatMul', [['MatMul', ['x', 'w'], ['y']]], [floats('w', [2, 2], [1, 2, 3, 4])], [7, 10]],
    [
      'MatMul and Add',
      [
        ['MatMul', ['x', 'w'], ['m']],
        ['Add', ['m', 'b'], ['y']],
      ],
      [floats('w', [2, 2], [1, 2, 3, 4]), floats('b', [2], [1, 2])],
      [8, 12],
    ],
  ])('%s', async (_, nodes, initializers, expected) => {
    expect(opsOf(await imported({ nodes, initializers }, [1, 2]))).toEqual(['linear']);
    expect(await run({ nodes, initializers }, row)).toEqual(expected);
  });

  test('weights that two layers share are one parameter, transposed ones another', async () => {
    const nodes: NodePart[] = [
      ['MatMul', ['x', 'w'], ['a']],
      ['MatMul', ['a', 'w'], ['b']],
      ['Gemm', ['b', 'w'], ['y'], { transB: 1 }],
    ];
    const parts = { nodes, initializers: [floats('w', [2, 2], [1, 2, 3, 4])] };
    const { weights } = graphOfOnnx(await readOnnx(onnxFile(parts)), { input: [1, 2] });
    expect([...weights.keys()]).toEqual(['w.T', 'w']);
    // x·W = [7, 10]; ·W = [37, 54]; ·Wᵀ = [37 + 2 · 54, 3 · 37 + 4 · 54]
    expect(await run(parts, row)).toEqual([145, 327]);
  });
});

describe('windows', () => {
  const one = (...extents: number[]) =>
    floats(
      'w',
      [1, 1, ...extents],
      Array.from({ length: (extents[0] as number) * (extents[1] as number) }, () => 1),
    );
  const line = counting([1, 1, 1, 5]);
  test.each<readonly [string, NodePart[3], readonly number[]]>([
    ['SAME_UPPER, the odd cell last', { auto_pad: 'SAME_UPPER', strides: [1, 1] }, [3, 5, 7, 9, 5]],
    ['SAME_LOWER, the odd cell first', { auto_pad: 'SAME_LOWER', strides: [1, 1] }, [1, 3, 5, 7, 9]],
    ['VALID', { auto_pad: 'VALID' }, [3, 5, 7, 9]],
    ['pads, uneven', { pads: [0, 1, 0, 0], strides: [1, 2] }, [1, 5, 9]],
    ['SAME_UPPER with a stride', { auto_pad: 'SAME_UPPER', strides: [1, 2] }, [3, 7, 5]],
  ])('Conv of %s', async (_, attributes, expected) => {
    expect(await run({ nodes: [['Conv', ['x', 'w'], ['y'], attributes]], initializers: [one(1, 2)] }, line)).toEqual(expected);
  });

  test.each<readonly [string, string, NodePart[3], readonly number[]]>([
    ['AveragePool', 'cells inside by default', { kernel_shape: [1, 2], pads: [0, 1, 0, 0], strides: [1, 2] }, [1, 2.5, 4.5]],
    [
      'AveragePool',
      'padding counted',
      { kernel_shape: [1, 2], pads: [0, 1, 0, 0], strides: [1, 2], count_include_pad: 1 },
      [0.5, 2.5, 4.5],
    ],
    ['AveragePool', 'ceil', { kernel_shape: [1, 2], strides: [1, 2], ceil_mode: 1 }, [1.5, 3.5, 5]],
    ['MaxPool', 'floor', { kernel_shape: [1, 2], strides: [1, 2] }, [2, 4]],
    ['MaxPool', 'ceil', { kernel_shape: [1, 2], strides: [1, 2], ceil_mode: 1 }, [2, 4, 5]],
    ['AveragePool', 'the whole plane', { kernel_shape: [1, 5] }, [3]],
  ])('%s: %s', async (op, _, attributes, expected) => {
    expect(await run({ nodes: [[op, ['x'], ['y'], attributes]] }, line)).toEqual(expected);
  });

  test('batch norm', async () => {
    const vectors = { g: 2, b: 1, m: 3, v: 3 };
    const initializers = Object.entries(vectors).map(([name, value]) => floats(name, [1], [value]));
    const parts = {
      nodes: [['BatchNormalization', ['x', 'g', 'b', 'm', 'v'], ['y'], { epsilon: { float: 1 }, momentum: { float: 0.9 } }]] as NodePart[],
      initializers,
    };
    expect(await run(parts, line)).toEqual([-1, 0, 1, 2, 3]);
  });
});

/** An SE block, its squeeze and gate written in one of several ways. */
function excitation(squeeze: NodePart, gate: readonly NodePart[], of = 'x'): readonly NodePart[] {
  return [
    squeeze,
    ['Conv', ['z', 'w1', 'b1'], ['h'], {}],
    ['Relu', ['h'], ['r']],
    ['Conv', ['r', 'w2'], ['e'], {}],
    ...gate,
    ['Mul', [of, 's'], ['y']],
  ];
}
const excitationWeights = [floats('w1', [1, 2, 1, 1], [1, 1]), floats('b1', [1], [0.5]), floats('w2', [2, 1, 1, 1], [1, -1])];

describe('SE blocks are found by what they compute', () => {
  const pool: NodePart = ['GlobalAveragePool', ['x'], ['z']];
  test.each<readonly [string, readonly NodePart[], (e: number) => number]>([
    ['GlobalAveragePool and Sigmoid', excitation(pool, [['Sigmoid', ['e'], ['s']]]), (e) => 1 / (1 + Math.exp(-e))],
    [
      'ReduceMean and Sigmoid',
      excitation(['ReduceMean', ['x'], ['z'], { axes: [2, 3] }], [['Sigmoid', ['e'], ['s']]]),
      (e) => 1 / (1 + Math.exp(-e)),
    ],
    [
      'AveragePool and Sigmoid',
      excitation(['AveragePool', ['x'], ['z'], { kernel_shape: [2, 2] }], [['Sigmoid', ['e'], ['s']]]),
      (e) => 1 / (1 + Math.exp(-e)),
    ],
    ['a slope of 1/6', excitation(pool, [['HardSigmoid', ['e'], ['s'], sixth]]), (e) => clamp(e / 6 + 0.5, 0, 1)],
    ['a slope of 0.2', excitation(pool, [['HardSigmoid', ['e'], ['s'], { alpha: { float: 0.2 } }]]), (e) => clamp(0.2 * e + 0.5, 0, 1)],
    [
      'Add, Clip, Div',
      excitation(pool, [
        ['Add', ['e', '3'], ['a']],
        ['Clip', ['a', '0', '6'], ['c']],
        ['Div', ['c', '6'], ['s']],
      ]),
      (e) => clamp(e / 6 + 0.5, 0, 1),
    ],
  ])('%s', async (_, nodes, gate) => {
    const initializers = [...excitationWeights, floats('3', [], [3]), floats('0', [], [0]), floats('6', [], [6])];
    const graph = await imported({ nodes, initializers }, [1, 2, 2, 2]);
    expect([...graph.outputs.keys()]).toEqual(['y', 's']);
    const x = counting([1, 2, 2, 2], (i) => (i - 3) / 4);
    const h = (x.data as Float64Array).reduce((sum, value) => sum + value, 0) / 4 + 0.5;
    close(
      await run({ nodes, initializers }, x),
      [...x.data].map((value, i) => value * gate(i < 4 ? h : -h)),
    );
  });

  test('a product with a gate that is made of something else is none', async () => {
    const nodes = [['Relu', ['x'], ['u']] as NodePart, ...excitation(pool, [['Sigmoid', ['e'], ['s']]], 'u')];
    expect([...(await imported({ nodes, initializers: excitationWeights }, [1, 2, 2, 2])).outputs.keys()]).toEqual(['y']);
  });
});

test('a gate that Expand repeats over the plane is a gate', async () => {
  const repeated: NodePart[] = [
    ['Sigmoid', ['e'], ['g']],
    ['Expand', ['g', 'shape'], ['s']],
  ];
  const parts = {
    nodes: excitation(['GlobalAveragePool', ['x'], ['z']], repeated),
    initializers: [...excitationWeights, ints('shape', [4], [1, 2, 2, 2])],
  };
  const graph = await imported(parts, [1, 2, 2, 2]);
  expect([...graph.outputs.keys()]).toEqual(['y', 'g']);
  expect(opsOf(graph)).toContain('scale');
  const x = counting([1, 2, 2, 2], (i) => (i - 3) / 4);
  const h = (x.data as Float64Array).reduce((total, value) => total + value, 0) / 4 + 0.5;
  close(
    await run(parts, x),
    [...x.data].map((value, i) => value / (1 + Math.exp(i < 4 ? -h : h))),
  );
});

import { describe, expect, test } from 'vitest';
import { bounds } from '../../src/bound/bound.js';
import { evaluate } from '../../src/graph/evaluate.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { floats, ints, type NodePart, type OnnxParts, onnxFile, s8, type TensorPart, u8 } from '../support/files/onnx.js';
import { close, counting, imported, opsOf, run } from './run.js';

/** What exporters and converters write, found in files of torch.onnx, onnxruntime and onnxconverter. */

test('nodes may be in any order: converters to float16 put the casts of inputs last', async () => {
  const nodes: readonly NodePart[] = [
    ['Mul', ['c', 'two'], ['y']],
    ['Relu', ['b'], ['c']],
    ['Neg', ['a'], ['b']],
    ['Cast', ['x'], ['a'], { to: 1 }],
  ];
  const parts: OnnxParts = { nodes, initializers: [floats('two', [], [2])] };
  expect((await readOnnx(onnxFile(parts))).nodes.map(({ op }) => op)).toEqual(['Cast', 'Neg', 'Relu', 'Mul']);
  expect(
    await run(
      parts,
      counting([1, 3], (i) => i - 1),
    ),
  ).toEqual([2, 0, 0]);
});

describe('CastLike gives a constant the type of what it stands beside', () => {
  test('of floats, as exporters without an optimiser write each number', async () => {
    const nodes: readonly NodePart[] = [
      ['CastLike', ['low', 'x'], ['from']],
      ['CastLike', ['high', 'x'], ['to']],
      ['Clip', ['x', 'from', 'to'], ['y']],
    ];
    const parts: OnnxParts = { opset: 18, nodes, initializers: [ints('low', [], [-1]), floats('high', [], [1.5])] };
    expect(
      await run(
        parts,
        counting([1, 4], (i) => i - 2),
      ),
    ).toEqual([-1, -1, 0, 1]);
  });

  test('of whole numbers only where it has it', async () => {
    const nodes = (value: string): readonly NodePart[] => [
      ['CastLike', [value, 'shape'], ['to']],
      ['Reshape', ['x', 'to'], ['y']],
    ];
    const initializers = [ints('shape', [2], [2, -1]), floats('floats', [2], [2, -1])];
    expect(await run({ opset: 18, nodes: nodes('shape'), initializers }, counting([1, 4]))).toEqual([1, 2, 3, 4]);
    await expect(run({ opset: 18, nodes: nodes('floats'), initializers }, counting([1, 4]))).rejects.toThrow(
      'CastLike of operator set 18 (a cast to other than floats is not known)',
    );
  });
});

describe('Einsum', () => {
  const w = floats('w', [2, 3], [1, 2, 3, 4, 5, 6]);
  const s = floats('s', [1, 3], [1, 10, 100]);
  const sums = (equation: string, ...inputs: readonly string[]): OnnxParts => ({
    nodes: [['Einsum', inputs, ['y'], { equation }]],
    initializers: [w, s],
  });
  test.each<readonly [string, readonly string[], readonly number[], readonly number[]]>([
    ['nc,rc->nr', ['x', 'w'], [1, 3], [14, 32]],
    ['nc, rc -> rn', ['x', 'w'], [1, 3], [14, 32]],
    ['rc,nc', ['w', 'x'], [1, 3], [14, 32]],
    ['nc,nc->n', ['x', 's'], [1, 3], [321]],
    ['nc,nc->nc', ['s', 'x'], [1, 3], [1, 20, 300]],
    ['nc,rc->', ['x', 'w'], [1, 3], [46]],
    ['nchw->nc', ['x'], [1, 2, 2, 2], [10, 26]],
    ['nchw->nhwc', ['x'], [1, 2, 1, 2], [1, 3, 2, 4]],
    ['nchw,nc->nchw', ['x', 's'], [1, 3, 1, 2], [1, 2, 30, 40, 500, 600]],
    ['nchw,nc->nhw', ['x', 's'], [1, 3, 1, 2], [531, 642]],
    ['nc,rc,nr->n', ['x', 'w', 'r'], [1, 3], [46]],
    ['bik,bjk->bij', ['x', 'x'], [1, 2, 2], [5, 11, 11, 25]],
  ])('%s', async (equation, inputs, shape, expected) => {
    const parts = sums(equation, ...inputs);
    close(await run({ ...parts, initializers: [w, s, floats('r', [1, 2], [1, 1])] }, counting(shape)), expected);
  });

  test.each([
    ['n...->n', ['x'], 'the equation n...->n is not known'],
    ['nc->nc', ['x', 'w'], 'only letters for each axis of 2 operands'],
    ['nchw->n', ['x'], 'nchw are not the 2 axes of input 0'],
    ['nn->n', ['x'], 'a letter stands twice in one operand'],
    ['nc->r', ['x'], 'the result has letters that no operand has'],
    ['nc,cr->nr', ['x', 'w'], 'axes called c are of 3 and 2'],
  ])('%s is refused', async (equation, inputs, reason) => {
    await expect(run(sums(equation, ...inputs), counting([1, 3]))).rejects.toThrow(reason);
  });

  test('by a gate is an SE block', async () => {
    const nodes: readonly NodePart[] = [
      ['ReduceMean', ['x'], ['z'], { axes: [2, 3], keepdims: 0 }],
      ['Einsum', ['z', 'w'], ['h'], { equation: 'nc,rc->nr' }],
      ['Relu', ['h'], ['d']],
      ['Einsum', ['d', 'v'], ['e'], { equation: 'nr,cr->nc' }],
      ['Sigmoid', ['e'], ['s']],
      ['Einsum', ['x', 's'], ['y'], { equation: 'nchw,nc->nchw' }],
    ];
    const graph = await imported({ nodes, initializers: [w, floats('v', [3, 2], [1, 0, 0, 1, 1, 1])] }, [1, 3, 4, 4]);
    expect(opsOf(graph)).toEqual(['globalAvgPool', 'linear', 'relu', 'linear', 'sigmoid', 'scale']);
    expect([...graph.outputs.keys()]).toContain('s');
  });
});

test('a gate that is repeated by Tile is one', async () => {
  const nodes: readonly NodePart[] = [
    ['GlobalAveragePool', ['x'], ['z']],
    ['Sigmoid', ['z'], ['s']],
    ['Tile', ['s', 'plane'], ['t']],
    ['Mul', ['x', 't'], ['y']],
  ];
  const parts: OnnxParts = { nodes, initializers: [ints('plane', [4], [1, 1, 2, 3])] };
  expect(opsOf(await imported(parts, [1, 2, 2, 3]))).toEqual(['globalAvgPool', 'sigmoid', 'scale']);
});

test('lines are scaled by a number per channel as planes are', async () => {
  const nodes: readonly NodePart[] = [
    ['ReduceMean', ['x'], ['z'], { axes: [2] }],
    ['Sigmoid', ['z'], ['s']],
    ['Mul', ['s', 'x'], ['y']],
  ];
  const graph = await imported({ nodes }, [2, 3, 4]);
  expect(opsOf(graph)).toEqual(['globalAvgPool', 'sigmoid', 'scale']);
  const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x));
  const expected = [1, 2, 3, 4].map((value) => value * sigmoid(2.5));
  close(await run({ nodes }, counting([1, 1, 4])), expected);
});

describe('of constants', () => {
  /** x times what nodes make of constants. */
  const times = (nodes: readonly NodePart[], initializers: readonly TensorPart[], count: number): Promise<readonly number[]> =>
    run(
      { opset: 15, nodes: [...nodes, ['Mul', ['x', 'out'], ['y']]], initializers },
      counting([1, count], () => 1),
    );

  test('filters are standardised by batch norm in training, as in NFNets', async () => {
    const nodes: readonly NodePart[] = [
      ['Reshape', ['w', 'rows'], ['r']],
      ['BatchNormalization', ['r', 'gain', 'zero', 'zero', 'one'], ['s', '', ''], { training_mode: 1, epsilon: { float: 0 } }],
      ['Reshape', ['s', 'filter'], ['f']],
      ['Conv', ['x', 'f'], ['y']],
    ];
    const initializers = [
      floats('w', [2, 2, 1, 1], [1, 3, 2, 10]),
      floats('gain', [2], [1, 3]),
      floats('zero', [2], [0, 0]),
      floats('one', [2], [1, 1]),
      ints('rows', [3], [1, 2, -1]),
      ints('filter', [4], [2, 2, 1, 1]),
    ];
    const parts: OnnxParts = { opset: 15, nodes, initializers };
    expect(await run(parts, counting([1, 2, 1, 1]))).toEqual([1, 3]);
    expect(opsOf(await imported(parts, [1, 2, 1, 1]))).toEqual(['conv2d']);
  });

  test('batch norm by running statistics', async () => {
    const inputs = ['w', 'gain', 'shift', 'mean', 'variance'];
    const initializers = [
      floats('gain', [2], [1, 2]),
      floats('shift', [2], [0, 1]),
      floats('mean', [2], [1, 0]),
      floats('variance', [2], [4, 1]),
    ];
    const nodes: readonly NodePart[] = [['BatchNormalization', inputs, ['out'], { epsilon: { float: 0 } }]];
    expect(await times(nodes, [floats('w', [1, 2], [5, 6]), ...initializers], 2)).toEqual([2, 13]);
    await expect(times(nodes, [floats('w', [1, 3], [5, 6, 7]), ...initializers], 3)).rejects.toThrow('2 values for 3 channels');
  });

  test.each<readonly [string, Readonly<Record<string, number>>, readonly number[]]>([
    ['as it comes', {}, [1, 3, 3, 7]],
    ['exclusive', { exclusive: 1 }, [0, 1, 0, 3]],
    ['from the end', { reverse: 1 }, [3, 2, 7, 4]],
    ['both', { exclusive: 1, reverse: 1 }, [2, 0, 4, 0]],
  ])('CumSum %s', async (_, attributes, expected) => {
    const initializers = [floats('w', [2, 2], [1, 2, 3, 4]), ints('axis', [], [-1]), ints('flat', [1], [4])];
    const nodes: readonly NodePart[] = [
      ['CumSum', ['w', 'axis'], ['sums'], attributes],
      ['Reshape', ['sums', 'flat'], ['out']],
    ];
    expect(await times(nodes, initializers, 4)).toEqual(expected);
  });

  test('what has no fold is computed as of values: a position that a convolution embeds', async () => {
    const nodes: readonly NodePart[] = [
      ['Conv', ['places', 'filter'], ['out']],
      ['Add', ['x', 'out'], ['y']],
    ];
    const initializers = [floats('places', [1, 1, 1, 3], [1, 2, 3]), floats('filter', [2, 1, 1, 1], [1, -2])];
    expect(await run({ nodes, initializers }, counting([1, 2, 1, 3]))).toEqual([2, 4, 6, 2, 1, 0]);
  });
});

test('a refused operator is told even if what follows it cannot be placed', async () => {
  const nodes: readonly NodePart[] = [
    ['Dropout', ['x', '', 'yes'], ['u']],
    ['Conv', ['u', 'w'], ['y']],
  ];
  const initializers = [ints('yes', [], [1]), floats('w', [1, 1, 3, 3], Array(9).fill(1))];
  const model = await readOnnx(onnxFile({ nodes, initializers }));
  expect(() => graphOfOnnx(model, { input: [1, 1, 2, 2] })).toThrow('Dropout of operator set 13 (dropout as in training is not known)');
});

describe('an SE block among QuantizeLinear and DequantizeLinear', () => {
  /** By a zero point: `none` is 0, so that nothing is below it, `mid` 128. */
  const pair = (from: string, to: string, zero: 'none' | 'mid' = 'mid'): readonly NodePart[] => [
    ['QuantizeLinear', [from, 'scale', zero], [`${to}.q`]],
    ['DequantizeLinear', [`${to}.q`, 'scale', zero], [to]],
  ];
  const initializers = [
    ...[floats('scale', [], [1 / 32]), u8('none', [], [0]), u8('mid', [], [128])],
    ...[s8('w1.q', [2, 3, 1, 1], [9, -8, 7, 6, 5, -4]), s8('w2.q', [3, 2, 1, 1], [3, -2, 1, 4, -5, 6])],
    floats('bias', [1, 3, 1, 1], [0.5, 0, -0.5]),
  ];
  const weights: readonly NodePart[] = ['w1', 'w2'].map((w) => ['DequantizeLinear', [`${w}.q`, 'scale'], [w]]);
  const conv = (from: string, w: string, to: string): NodePart => ['Conv', [from, w], [to]];
  const squeeze = (from: string): readonly NodePart[] => [['GlobalAveragePool', [from], ['m']], ...pair('m', 'z')];
  const gated = (u: string): readonly NodePart[] => [
    conv('d', 'w2', 'o'),
    ...pair('o', 'e'),
    ['Sigmoid', ['e'], ['g']],
    ...pair('g', 's', 'none'),
    ['Mul', [u, 's'], ['y']],
  ];
  const relu: readonly NodePart[] = [conv('z', 'w1', 'h'), ...pair('h', 'd', 'none')];

  test.each<readonly [string, string, readonly NodePart[]]>([
    ['a ReLU that a zero point stands for', 'relu', [...pair('x', 'u'), ...squeeze('u'), ...relu, ...gated('u')]],
    ['pairs of their own for both readers', 'relu', [...pair('x', 'u'), ...pair('x', 'v'), ...squeeze('v'), ...relu, ...gated('u')]],
    ['a mean of what is quantised elsewhere', 'relu', [...squeeze('x'), ...pair('x', 'u'), ...relu, ...gated('u')]],
    [
      'a SiLU by its parts',
      'silu',
      [
        ...[...pair('x', 'u'), ...squeeze('u'), conv('z', 'w1', 'h'), ...pair('h', 'i')],
        ...[['Sigmoid', ['i'], ['j']] as NodePart, ...pair('j', 'k', 'none'), ['Mul', ['k', 'i'], ['l']] as NodePart, ...pair('l', 'd')],
        ...gated('u'),
      ],
    ],
  ])('%s', async (_, inner, nodes) => {
    const parts: OnnxParts = { nodes: [...weights, ...nodes], initializers };
    const model = await readOnnx(onnxFile(parts));
    const { gates } = graphOfOnnx(model, { input: [1, 3, 2, 2] });
    expect([...gates.values()]).toEqual([{ activation: 'sigmoid', slope: 1, offset: 0, inner }]);
    const host = graphOfOnnx(model, { input: [1, 3, 2, 2], se: false });
    expect(opsOf(host.graph)).not.toContain('scale');
  });

  test('a bias that is added to a product of integers is no offset of the hard sigmoid', async () => {
    const nodes: readonly NodePart[] = [
      ['GlobalAveragePool', ['x'], ['z']],
      ['DynamicQuantizeLinear', ['z'], ['z.q', 'z.s', 'z.z']],
      ['ConvInteger', ['z.q', 'w.q', 'z.z'], ['i']],
      ['Cast', ['i'], ['f'], { to: 1 }],
      ['Mul', ['z.s', 'scale'], ['unit']],
      ['Mul', ['f', 'unit'], ['e']],
      ['Add', ['e', 'bias'], ['b']],
      ['HardSigmoid', ['b'], ['s'], { alpha: { float: 1 / 6 } }],
      ['Mul', ['x', 's'], ['y']],
    ];
    const square = s8('w.q', [3, 3, 1, 1], [9, -8, 7, 6, 5, -4, 3, 2, 1]);
    const model = await readOnnx(onnxFile({ opset: 14, nodes, initializers: [...initializers, square] }));
    const [gate] = graphOfOnnx(model, { input: [1, 3, 2, 2] }).gates.values();
    expect([gate?.slope, gate?.offset, gate?.unusual]).toEqual([1 / 6, 0.5, undefined]);
  });

  test('integers that are padded stay those that they were, so that their bound is 0', async () => {
    const nodes: readonly NodePart[] = [...pair('x', 'u', 'mid'), ['Pad', ['u', 'pads'], ['p']], ...pair('p', 'y', 'mid')];
    const pads = ints('pads', [8], [0, 0, 0, 1, 0, 0, 0, 0]);
    const { graph, weights: read } = graphOfOnnx(await readOnnx(onnxFile({ nodes, initializers: [...initializers, pads] })), {
      input: [1, 1, 1, 2],
    });
    const { value } = evaluate(graph, bounds(read, { input: counting([1, 1, 1, 2]) })).get('y') as {
      readonly value: { readonly data: ArrayLike<number> };
    };
    expect(Array.from(value.data)).toEqual([0, 1, 2]);
  });
});

describe('convolutions of integers go over lines too', () => {
  const initializers = [
    ...[floats('one', [], [1]), u8('zero', [], [0]), u8('two', [], [2])],
    ...[s8('w', [1, 1, 2], [1, -1]), s8('w.zero', [], [0])],
  ];
  const x = counting([1, 1, 4], (i) => [1, 4, 2, 8][i] as number);
  test('QLinearConv', async () => {
    const nodes: readonly NodePart[] = [
      ['QuantizeLinear', ['x', 'one', 'zero'], ['q']],
      ['QLinearConv', ['q', 'one', 'zero', 'w', 'one', 'w.zero', 'one', 'two'], ['p']],
      ['DequantizeLinear', ['p', 'one', 'two'], ['y']],
    ];
    expect(await run({ nodes, initializers }, x)).toEqual([-2, 2, -2]);
  });

  test('ConvInteger', async () => {
    const nodes: readonly NodePart[] = [
      ['QuantizeLinear', ['x', 'one', 'zero'], ['q']],
      ['ConvInteger', ['q', 'w', 'zero', 'w.zero'], ['p'], { pads: [1, 0] }],
      ['Cast', ['p'], ['y'], { to: 1 }],
    ];
    expect(await run({ nodes, initializers }, x)).toEqual([-1, -3, 2, -6]);
  });
});

test('an operator for one kind of processor is refused by saying so', async () => {
  const nodes: readonly NodePart[] = [['Conv', ['x', 'x'], ['y'], {}, 'com.microsoft.nchwc']];
  await expect(run({ nodes }, counting([1, 3]))).rejects.toThrow('this operator is not known, only those that are for any processor');
});

import { describe, expect, test } from 'vitest';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import type { Tensor } from '../../src/tensor.js';
import { floats, ints, type NodePart, onnxFile, type TensorPart } from '../support/files/onnx.js';
import { close, counting, outputShape, run } from './run.js';

describe('truths are values of 1 and 0', () => {
  const x = counting([1, 4], (i) => [-2, 0, 1, 3][i] ?? 0);
  const limits = [floats('low', [], [-1]), floats('high', [4], [2, 0, 1, 2])];
  test.each<readonly [string, readonly NodePart[], readonly number[]]>([
    ['Greater', [['Greater', ['x', 'low'], ['t']]], [0, 1, 1, 1]],
    ['Less', [['Less', ['x', 'low'], ['t']]], [1, 0, 0, 0]],
    ['GreaterOrEqual', [['GreaterOrEqual', ['x', 'high'], ['t']]], [0, 1, 1, 1]],
    ['LessOrEqual', [['LessOrEqual', ['x', 'high'], ['t']]], [1, 1, 1, 0]],
    [
      'And, Not',
      [
        ['Greater', ['x', 'low'], ['a']],
        ['Equal', ['x', 'high'], ['b']],
        ['Not', ['b'], ['c']],
        ['And', ['a', 'c'], ['t']],
      ],
      [0, 0, 0, 1],
    ],
    [
      'Or',
      [
        ['Greater', ['x', 'low'], ['a']],
        ['Equal', ['x', 'high'], ['b']],
        ['Or', ['a', 'b'], ['c']],
        ['Not', ['b'], ['d']],
        ['And', ['c', 'd'], ['t']],
      ],
      [0, 0, 0, 1],
    ],
  ])('%s', async (_, nodes, expected) => {
    expect(await run({ nodes: [...nodes, ['Cast', ['t'], ['y'], { to: 1 }]], initializers: limits }, x)).toEqual(expected);
  });

  test('a cast of a truth is the truth, and of another number whether it is not 0', async () => {
    const nodes: NodePart[] = [
      ['Greater', ['x', 'low'], ['t']],
      ['Cast', ['t'], ['b'], { to: 9 }],
      ['Cast', ['b'], ['i'], { to: 7 }],
      ['Cast', ['i'], ['f'], { to: 1 }],
      ['Cast', ['x'], ['c'], { to: 9 }],
      ['Cast', ['c'], ['g'], { to: 1 }],
      ['Concat', ['f', 'g'], ['y'], { axis: 1 }],
    ];
    expect(await run({ nodes, initializers: limits }, x)).toEqual([0, 1, 1, 1, 1, 0, 1, 1]);
    const masked: NodePart[] = [...nodes.slice(0, 2), ['Where', ['b', 'low', 'x'], ['y']]];
    expect(await run({ nodes: masked, initializers: limits }, x)).toEqual([-2, -1, -1, -1]);
  });

  test('Where of values takes what is chosen, whatever else there is', async () => {
    const nodes: NodePart[] = [
      ['Less', ['x', 'low'], ['c']],
      ['Log', ['x'], ['l']],
      ['Where', ['c', 'low', 'l'], ['y']],
    ];
    expect(await run({ nodes, initializers: limits }, x)).toEqual([-1, -Infinity, 0, Math.log(3)]);
  });
});

describe('operators of other networks, by hand', () => {
  const x = counting([1, 2, 2, 2]); // 1 to 8
  const row4 = counting([1, 2, 1, 4]);
  test.each<readonly [string, NodePart, readonly TensorPart[], readonly number[], typeof x]>([
    [
      'LeakyRelu of its own slope',
      ['LeakyRelu', ['x'], ['y'], { alpha: { float: 0.5 } }],
      [],
      [-1, 0, 3],
      counting([1, 3], (i) => [-2, 0, 3][i] ?? 0),
    ],
    [
      'PRelu of a slope per channel',
      ['PRelu', ['x', 's'], ['y']],
      [floats('s', [2, 1, 1], [2, 3])],
      [-2, -3],
      counting([1, 2, 1, 1], () => -1),
    ],
    ['Dropout whose mask nobody reads', ['Dropout', ['x'], ['y', 'mask']], [], [1, 2, 3, 4, 5, 6, 7, 8], x],
    ['Clip of one side', ['Clip', ['x', '', 'm'], ['y']], [floats('m', [], [3])], [1, 2, 3, 3, 3, 3, 3, 3], x],
    ['Min of a number', ['Min', ['x', 'm'], ['y']], [floats('m', [], [3])], [1, 2, 3, 3, 3, 3, 3, 3], x],
    ['Max of values per column', ['Max', ['x', 'm'], ['y']], [floats('m', [2], [4, 0])], [4, 2, 4, 4, 5, 6, 7, 8], x],
    ['Div by a value per row', ['Div', ['x', 'm'], ['y']], [floats('m', [2, 1], [1, 2])], [1, 2, 1.5, 2, 5, 6, 3.5, 4], x],
    ['Sub from a constant plane', ['Sub', ['m', 'x'], ['y']], [floats('m', [2, 2], [1, 2, 3, 4])], [0, 0, 0, 0, -4, -4, -4, -4], x],
    ['Pow of a number', ['Pow', ['x', 'm'], ['y']], [floats('m', [], [2])], [1, 4, 9, 16, 25, 36, 49, 64], x],
    ['ReduceMean over channels', ['ReduceMean', ['x'], ['y'], { axes: [1] }], [], [3, 4, 5, 6], x],
    ['ReduceSum over all, without axes of 1', ['ReduceSum', ['x'], ['y'], { keepdims: 0 }], [], [36], x],
    ['ReduceMax over the last axis', ['ReduceMax', ['x'], ['y'], { axes: [-1], keepdims: 0 }], [], [2, 4, 6, 8], x],
    ['Transpose to NHWC', ['Transpose', ['x'], ['y'], { perm: [0, 2, 3, 1] }], [], [1, 5, 2, 6, 3, 7, 4, 8], x],
    [
      'Pad by reflection',
      ['Pad', ['x', 'p'], ['y'], { mode: 'reflect' }],
      [ints('p', [8], [0, 0, 0, 2, 0, 0, 0, 1])],
      [3, 2, 1, 2, 3, 4, 3, 7, 6, 5, 6, 7, 8, 7],
      row4,
    ],
    [
      'Pad by the edge, and a cut',
      ['Pad', ['x', 'p'], ['y'], { mode: 'edge' }],
      [ints('p', [8], [0, 0, 0, 1, 0, 0, 0, -2])],
      [1, 1, 2, 5, 5, 6],
      row4,
    ],
    [
      'Pad by a value',
      ['Pad', ['x', 'p', 'v'], ['y']],
      [ints('p', [8], [0, 0, 0, 0, 0, 0, 0, 1]), floats('v', [], [9])],
      [1, 2, 9, 3, 4, 9, 5, 6, 9, 7, 8, 9],
      x,
    ],
    [
      'Slice backwards by two',
      ['Slice', ['x', 's', 'e', 'a', 't'], ['y']],
      [ints('s', [1], [-1]), ints('e', [1], [-9]), ints('a', [1], [3]), ints('t', [1], [-2])],
      [4, 2, 8, 6],
      row4,
    ],
    [
      'Concat of rows, one of them constant',
      ['Concat', ['x', 'c'], ['y'], { axis: 2 }],
      [floats('c', [1, 2, 1, 2], [0, 0, 9, 9])],
      [1, 2, 3, 4, 0, 0, 5, 6, 7, 8, 9, 9],
      x,
    ],
    ['Gather of columns', ['Gather', ['x', 'i'], ['y'], { axis: 3 }], [ints('i', [2], [-1, 0])], [2, 1, 4, 3, 6, 5, 8, 7], x],
    ['Expand', ['Expand', ['x', 's'], ['y']], [ints('s', [3], [2, 1, 2])], [1, 1, 1, 1], counting([1, 1])],
    ['MatMul of a constant on the left', ['MatMul', ['c', 'x'], ['y']], [floats('c', [1, 2], [1, 10])], [31, 42, 75, 86], x],
    ['Gemm of a transposed value', ['Gemm', ['x', 'w'], ['y'], { transA: 1 }], [floats('w', [2, 1], [1, 10])], [31, 42], counting([2, 2])],
    [
      'Softmax over the plane’s last axis',
      ['Softmax', ['x'], ['y'], { axis: -1 }],
      [],
      [0.5, 0.5, 0.5, 0.5],
      counting([1, 1, 2, 2], () => 3),
    ],
    ['LogSoftmax', ['LogSoftmax', ['x'], ['y'], { axis: 1 }], [], [-Math.LN2, -Math.LN2], counting([1, 2], () => 1000)],
    ['MaxPool of dilated windows', ['MaxPool', ['x'], ['y'], { kernel_shape: [1, 2], dilations: [1, 2] }], [], [3, 4, 7, 8], row4],
    [
      'AveragePool in padding that counts',
      ['AveragePool', ['x'], ['y'], { kernel_shape: [1, 2], pads: [0, 1, 0, 1], count_include_pad: 1 }],
      [],
      [0.5, 1.5, 2.5, 3.5, 2, 2.5, 5.5, 6.5, 7.5, 4],
      row4,
    ],
    ['MaxPool whose indices nobody reads', ['MaxPool', ['x'], ['y', 'indices'], { kernel_shape: [1, 2] }], [], [2, 3, 4, 6, 7, 8], row4],
    [
      'AveragePool of dilated windows that end beyond the padding, whose cells do not count',
      [
        'AveragePool',
        ['x'],
        ['y'],
        { kernel_shape: [1, 2], dilations: [1, 2], strides: [1, 2], pads: [0, 1, 0, 1], ceil_mode: 1, count_include_pad: 1 },
      ],
      [],
      [2 / 2, (2 + 4) / 2, 4, 6 / 2, (6 + 8) / 2, 8],
      row4,
    ],
    ['AveragePool of a line', ['AveragePool', ['x'], ['y'], { kernel_shape: [2], strides: [2] }], [], [1.5, 3.5], counting([1, 1, 4])],
    [
      'Conv of a line',
      ['Conv', ['x', 'w'], ['y'], { pads: [1, 0] }],
      [floats('w', [1, 1, 2], [1, 10])],
      [10, 21, 32, 43],
      counting([1, 1, 4]),
    ],
    [
      'ConvTranspose to a shape',
      ['ConvTranspose', ['x', 'w', 'b'], ['y'], { strides: [2, 2], output_shape: [4, 4] }],
      [floats('w', [1, 1, 2, 2], [1, 2, 3, 4]), floats('b', [1], [1])],
      [2, 3, 3, 5, 4, 5, 7, 9, 4, 7, 5, 9, 10, 13, 13, 17],
      counting([1, 1, 2, 2]),
    ],
    [
      'InstanceNormalization',
      ['InstanceNormalization', ['x', 's', 'b'], ['y'], { epsilon: { float: 0 } }],
      [floats('s', [2], [1, 2]), floats('b', [2], [0, 1])],
      [-1, 1, -1, 3],
      counting([1, 2, 1, 2]),
    ],
    [
      'Resize, linear by half pixels',
      ['Resize', ['x', '', 's'], ['y'], { mode: 'linear' }],
      [floats('s', [4], [1, 1, 1, 2])],
      [1, 1.25, 1.75, 2],
      counting([1, 1, 1, 2]),
    ],
    [
      'Resize, linear with corners aligned',
      ['Resize', ['x', '', '', 'n'], ['y'], { mode: 'linear', coordinate_transformation_mode: 'align_corners' }],
      [ints('n', [4], [1, 1, 1, 3])],
      [1, 1.5, 2],
      counting([1, 1, 1, 2]),
    ],
    [
      'Resize, the nearest by ceil of asymmetric',
      ['Resize', ['x', '', '', 'n'], ['y'], { mode: 'nearest', coordinate_transformation_mode: 'asymmetric', nearest_mode: 'ceil' }],
      [ints('n', [4], [1, 1, 1, 5])],
      [1, 2, 3, 3, 3],
      counting([1, 1, 1, 3]),
    ],
    ['Floor', ['Floor', ['x'], ['y']], [], [-3, -1, 0, 2], counting([1, 4], (i) => [-2.5, -0.5, 0.5, 2][i] ?? 0)],
    [
      'LRN over three channels',
      ['LRN', ['x'], ['y'], { size: 3, alpha: { float: 3 }, beta: { float: 1 }, bias: { float: 0 } }],
      [],
      [1 / 5, 2 / 14, 3 / 13],
      counting([1, 3, 1, 1]),
    ],
    [
      'Where of a known choice',
      ['Where', ['c', 'x', 'm'], ['y']],
      [ints('c', [2], [1, 0]), floats('m', [], [-9])],
      [1, -9, 3, -9, 5, -9, 7, -9],
      x,
    ],
    ['DepthToSpace', ['DepthToSpace', ['x'], ['y'], { blocksize: 2 }], [], [1, 2, 3, 4], counting([1, 4, 1, 1])],
  ])('%s', async (_, node, initializers, expected, input) => {
    close(await run({ opset: 12, nodes: [node], initializers }, input), expected);
  });

  test('weights may be Constant nodes, however large, as Paddle writes them', async () => {
    const columns = 2 ** 17 + 1; // more than folding may make of nothing
    const weights = floats(
      'w',
      [2, columns],
      Array.from({ length: 2 * columns }, (_, i) => i % 7),
    );
    const nodes: NodePart[] = [
      ['Constant', [], ['w'], { value: { tensor: weights } }],
      ['MatMul', ['x', 'w'], ['y']],
    ];
    expect((await run({ nodes }, counting([1, 2]))).slice(0, 3)).toEqual([0, 1, 2].map((i) => (i % 7) + 2 * ((i + columns) % 7)));
  });

  test.each([
    ['not_larger', [1, 1, 2, 4], [1, 1, 2, 2, 1, 1, 2, 2]],
    ['not_smaller', [1, 1, 3, 6], [1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2, 1, 1, 1, 2, 2, 2]],
  ])('Resize that keeps the ratio: %s', async (policy, shape, expected) => {
    const nodes: NodePart[] = [['Resize', ['x', '', '', 'n'], ['y'], { axes: [2, 3], keep_aspect_ratio_policy: policy }]];
    const parts = { opset: 18, nodes, initializers: [ints('n', [2], [3, 4])] };
    expect(await outputShape(parts, [1, 1, 1, 2])).toEqual(shape);
    expect(await run(parts, counting([1, 1, 1, 2]))).toEqual(expected);
  });

  test('how many values there are is known beforehand', async () => {
    const nodes: NodePart[] = [
      ['Size', ['x'], ['n']],
      ['Cast', ['n'], ['f'], { to: 1 }],
      ['Div', ['x', 'f'], ['y']],
    ];
    expect(await run({ nodes }, counting([1, 4]))).toEqual([0.25, 0.5, 0.75, 1]);
  });

  test('an output beside the first may be constant', async () => {
    const nodes: NodePart[] = [
      ['Relu', ['x'], ['y']],
      ['Identity', ['c'], ['k']],
    ];
    const model = await readOnnx(onnxFile({ nodes, initializers: [ints('c', [3], [7, 8, 9])], outputs: ['y', 'k'] }));
    const { graph, weights, outputShapes } = graphOfOnnx(model, { input: [1, 2] });
    expect(outputShapes.get('k')).toEqual([3]);
    const values = evaluate(graph, reference(weights, { input: counting([1, 2]) }));
    expect([...(values.get('k') as Tensor).data]).toEqual([7, 8, 9]);
  });

  test('several inputs, by their names in the file', async () => {
    const parts = { nodes: [['Add', ['a', 'b'], ['y']]], inputs: [{ name: 'a' }, { name: 'b' }] } as const;
    const { graph, inputs, outputShapes } = graphOfOnnx(await readOnnx(onnxFile(parts)), { inputs: { a: [2, 1, 3], b: [4, 1] } });
    expect(inputs).toEqual([
      { name: 'input', fileName: 'a', shape: [2, 1, 3] },
      { name: 'b', fileName: 'b', shape: [4, 1] },
    ]);
    expect(outputShapes.get('y')).toEqual([2, 4, 3]);
    const values = { input: counting([2, 1, 3, 1]), b: counting([4, 1], (i) => 10 * i) };
    expect([...(evaluate(graph, reference(new Map(), values)).get('y') as Tensor).data].slice(0, 6)).toEqual([1, 2, 3, 11, 12, 13]);
    const model = await readOnnx(onnxFile(parts));
    expect(() => graphOfOnnx(model, { inputs: { c: [1] } })).toThrow('no input is called c');
  });
});

describe('batch norm in training', () => {
  // mean 2.5 and variance 1.25 of the batch
  const x = counting([2, 1, 1, 2]);
  const initializers = [floats('scale', [1], [2]), floats('shift', [1], [1]), floats('mean', [1], [1]), floats('variance', [1], [3])];
  const inputs = ['x', 'scale', 'shift', 'mean', 'variance'];
  const flat = (from: string, to: string): NodePart => ['Reshape', [from, 'flat'], [to]];
  const normalised = [-1.5, -0.5, 0.5, 1.5].map((distance) => 2 * (distance / Math.sqrt(1.25)) + 1);

  test('is by the mean and variance of the batch, which the running ones take up', async () => {
    const nodes: NodePart[] = [
      ['BatchNormalization', inputs, ['n', 'm', 'v'], { training_mode: 1, momentum: { float: 0.5 }, epsilon: { float: 0 } }],
      ...['n', 'm', 'v'].map((name) => flat(name, `${name}_`)),
      ['Concat', ['n_', 'm_', 'v_'], ['y'], { axis: 1 }],
    ];
    close(await run({ opset: 14, nodes, initializers: [...initializers, ints('flat', [2], [1, -1])] }, x), [...normalised, 1.75, 2.125]);
  });

  test('before operator set 14 it is what puts out statistics', async () => {
    const node = (outputs: string[]): NodePart => ['BatchNormalization', inputs, outputs, { epsilon: { float: 0 } }];
    const parts = { opset: 9, initializers };
    close(await run({ ...parts, nodes: [node(['y', 'm', 'v', 'sm', 'sv'])] }, x), normalised);
    const running = [1, 2, 3, 4].map((value) => (2 * (value - 1)) / Math.sqrt(3) + 1);
    close(await run({ ...parts, nodes: [node(['y'])] }, x), running);
    close(await run({ ...parts, nodes: [node(['y', '', ''])] }, x), running);
  });
});

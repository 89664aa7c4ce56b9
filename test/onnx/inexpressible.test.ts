import { describe, expect, test } from 'vitest';
import { UnsupportedError } from '../../src/errors.js';
import { graphOfOnnx, readOnnx, UnsupportedNodesError } from '../../src/onnx/index.js';
import { floats, ints, type NodePart, onnxFile, type TensorPart } from '../support/files/onnx.js';

describe('what cannot be expressed', () => {
  test('is one error that names every node, its operator, operator set and reason', async () => {
    const nodes: NodePart[] = [
      ['TopK', ['x', 'k'], ['a', 'i']],
      ['Resize', ['x', '', 's'], ['b'], { mode: 'cubic', antialias: 1 }],
      ['NonMaxSuppression', ['b'], ['c']],
      ['Relu', ['c'], ['d']],
      ['TopK', ['d', 'k'], ['y', 'j']],
    ];
    const initializers = [ints('k', [1], [1]), floats('s', [4], [1, 1, 2, 2])];
    const model = await readOnnx(onnxFile({ opset: 18, nodes, initializers, outputs: ['y', 'a'] }));
    let error: unknown;
    try {
      graphOfOnnx(model, { input: [1, 2, 2, 2] });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(UnsupportedNodesError);
    expect(error).toBeInstanceOf(UnsupportedError);
    expect((error as UnsupportedNodesError).nodes).toEqual([
      { node: 'a', op: 'TopK', opset: 18, reason: 'this operator is not known' },
      { node: 'b', op: 'Resize', opset: 18, reason: 'antialiasing is not known' },
      { node: 'c', op: 'NonMaxSuppression', opset: 18, reason: 'this operator is not known' },
      { node: 'y', op: 'TopK', opset: 18, reason: 'this operator is not known' },
    ]);
    expect((error as Error).message).toBe(
      'onnx: 4 nodes cannot be expressed: TopK of operator set 18 (this operator is not known): a, y; ' +
        'Resize of operator set 18 (antialiasing is not known): b; ' +
        'NonMaxSuppression of operator set 18 (this operator is not known): c',
    );
  });

  test.each<readonly [string, NodePart, readonly TensorPart[], RegExp]>([
    ['weights that are computed', ['Conv', ['x', 'x'], ['y']], [], /the filter must be constant/],
    ['a missing operand', ['Gather', ['g'], ['y'], {}], [ints('g', [1], [1])], /an operand is missing/],
    ['a cast to whole numbers', ['Cast', ['x'], ['y'], { to: 7 }], [], /a cast to other than floats/],
    [
      'coordinates of a crop',
      ['Resize', ['x', '', 's'], ['y'], { coordinate_transformation_mode: 'tf_crop_and_resize' }],
      [floats('s', [4], [1, 1, 2, 2])],
      /coordinates by tf_crop_and_resize/,
    ],
    ['pads by an unknown mode', ['Pad', ['x', 'p'], ['y'], { mode: 'swirl' }], [ints('p', [8], [0, 0, 1, 1, 0, 0, 1, 1])], /mode swirl/],
    ['an order of fewer axes', ['Transpose', ['x'], ['y'], { perm: [0, 1] }], [], /perm \[0, 1\] is no order of 4 axes/],
    [
      'a kernel that is not the filter’s',
      ['Conv', ['x', 'w'], ['y'], { kernel_shape: [3, 3] }],
      [floats('w', [1, 2, 1, 1], [1, 1])],
      /kernel_shape \[3, 3\] is not that of the filter, \[1, 2, 1, 1\]/,
    ],
    [
      'one stride of a plane',
      ['Conv', ['x', 'w'], ['y'], { strides: [2] }],
      [floats('w', [1, 2, 1, 1], [1, 1])],
      /strides must be two numbers/,
    ],
    [
      'two pads of a plane',
      ['Conv', ['x', 'w'], ['y'], { pads: [1, 1] }],
      [floats('w', [1, 2, 1, 1], [1, 1])],
      /pads must be four numbers/,
    ],
    ['a window of a line', ['MaxPool', ['x'], ['y'], { kernel_shape: [2] }], [], /kernel_shape must be two numbers of a plane, not 1/],
    ['parts that are not equal', ['Split', ['x'], ['y', 'a', 'b'], { axis: 3 }], [], /4 are no 3 equal parts/],
    [
      'sizes and scales',
      ['Resize', ['x', '', 's', 'n'], ['y']],
      [floats('s', [4], [1, 1, 2, 2]), ints('n', [4], [1, 2, 8, 8])],
      /sizes or scales, not both/,
    ],
    ['indices of maxima that are read', ['MaxPool', ['x'], ['i', 'y'], { kernel_shape: [2, 2] }], [], /output 1 is not known/],
  ])('%s', async (_, node, initializers, expected) => {
    const model = await readOnnx(onnxFile({ opset: 12, nodes: [node], initializers }));
    expect(() => graphOfOnnx(model, { input: [1, 2, 4, 4] })).toThrow(UnsupportedError);
    expect(() => graphOfOnnx(model, { input: [1, 2, 4, 4] })).toThrow(expected);
  });

  test('a Gemm whose C is larger than the product', async () => {
    const nodes: NodePart[] = [['Gemm', ['x', 'w', 'c'], ['y']]];
    const initializers = [floats('w', [2, 1], [1, 1]), floats('c', [1, 3], [1, 2, 3])];
    const model = await readOnnx(onnxFile({ nodes, initializers }));
    expect(() => graphOfOnnx(model, { input: [1, 2] })).toThrow(/C of \[1, 3\] is larger than the product, \[1, 1\]/);
  });
});

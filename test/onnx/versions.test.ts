import { describe, expect, test } from 'vitest';
import { floats, ints, type NodePart, type TensorPart } from '../support/files/onnx.js';
import { counting, run } from './run.js';

/** The same operator, as attributes and as inputs have its arguments: [operator set, attributes, further inputs, initializers]. */
type Form = readonly [opset: number, attributes: NodePart[3], inputs?: readonly string[], initializers?: readonly TensorPart[]];

const cases: readonly (readonly [
  op: string,
  shape: readonly number[],
  expected: readonly number[],
  forms: readonly Form[],
  value?: (i: number) => number,
])[] = [
  [
    'Clip',
    [1, 4],
    [0, 0, 3, 6],
    [
      [7, { min: { float: 0 }, max: { float: 6 } }],
      [10, { min: { float: 0 }, max: { float: 6 } }],
      [11, {}, ['lo', 'hi'], [floats('lo', [], [0]), floats('hi', [], [6])]],
      [23, {}, ['lo', 'hi'], [floats('lo', [1], [0]), floats('hi', [1], [6])]],
    ],
    (i) => [-5, 0, 3, 9][i] as number,
  ],
  [
    'Clip',
    [1, 3],
    [0, 3, 9],
    [
      [9, { min: { float: 0 } }],
      [13, {}, ['lo', ''], [floats('lo', [], [0])]],
    ],
    (i) => [-5, 3, 9][i] as number,
  ],
  [
    'Clip',
    [1, 3],
    [-5, 3, 9],
    [
      [9, {}],
      [13, {}],
      [13, {}, ['', '']],
    ],
    (i) => [-5, 3, 9][i] as number,
  ],
  [
    'Slice',
    [1, 5],
    [2, 3],
    [
      [9, { starts: [1], ends: [3], axes: [1] }],
      [10, {}, ['s', 'e', 'a'], [ints('s', [1], [1]), ints('e', [1], [3]), ints('a', [1], [1])]],
      [13, {}, ['s', 'e', 'a', 't'], [ints('s', [1], [-4]), ints('e', [1], [-2]), ints('a', [1], [-1]), ints('t', [1], [1])]],
    ],
  ],
  ['Slice', [1, 3], [2, 3], [[13, {}, ['s', 'e', '', ''], [ints('s', [2], [0, 1]), ints('e', [2], [9, 2n ** 63n - 1n])]]]],
  [
    'Squeeze',
    [1, 3, 1, 1],
    [1, 2, 3],
    [
      [12, { axes: [2, 3] }],
      [13, {}, ['a'], [ints('a', [2], [-1, 2])]],
    ],
  ],
  [
    'ReduceMean',
    [1, 2, 2, 2],
    [2.5, 6.5],
    [
      [7, { axes: [2, 3] }],
      [17, { axes: [-1, -2], keepdims: 0 }],
      [18, {}, ['a'], [ints('a', [2], [2, 3])]],
    ],
  ],
  [
    'Softmax',
    [2, 2],
    [1 / 3, 2 / 3, 1 / 3, 2 / 3],
    [
      [12, {}],
      [13, {}],
      [13, { axis: 1 }],
    ],
    (i) => (i % 2) * Math.LN2,
  ],
  [
    'Dropout',
    [1, 2],
    [1, 2],
    [
      [7, {}],
      [12, {}, ['r', ''], [floats('r', [], [0.5])]],
    ],
  ],
  [
    'Upsample',
    [1, 1, 1, 2],
    [1, 1, 2, 2, 1, 1, 2, 2],
    [
      [8, { scales: { floats: [1, 1, 2, 2] } }],
      [9, { mode: 'nearest' }, ['s'], [floats('s', [4], [1, 1, 2, 2])]],
    ],
  ],
  [
    'Resize',
    [1, 1, 1, 2],
    [1, 1, 2, 2, 1, 1, 2, 2],
    [
      [10, {}, ['s'], [floats('s', [4], [1, 1, 2, 2])]],
      [11, {}, ['', 's'], [floats('s', [4], [1, 1, 2, 2])]],
      [13, { coordinate_transformation_mode: 'asymmetric', nearest_mode: 'floor' }, ['', '', 'z'], [ints('z', [4], [1, 1, 2, 4])]],
    ],
  ],
];

describe('an operator is the same in every operator set', () => {
  for (const [op, shape, expected, forms, value] of cases)
    test(`${op} to ${expected.length} of ${forms.length} forms`, async () => {
      for (const [opset, attributes, inputs = [], initializers = []] of forms) {
        const found = await run({ opset, nodes: [[op, ['x', ...inputs], ['y'], attributes]], initializers }, counting(shape, value));
        expect(found.length, `operator set ${opset}`).toBe(expected.length);
        for (const [i, number] of expected.entries()) expect(found[i], `operator set ${opset}, ${i}`).toBeCloseTo(number, 12);
      }
    });
});

test.each([
  [12, { split: [1, 2] }, [], []],
  [13, {}, ['p'], [ints('p', [2], [1, 2])]],
] as const)('Split of operator set %i takes parts', async (opset, attributes, inputs, initializers) => {
  const nodes: NodePart[] = [
    ['Split', ['x', ...inputs], ['a', 'b'], { axis: 1, ...attributes }],
    ['Concat', ['b', 'a'], ['y'], { axis: -1 }],
  ];
  expect(await run({ opset, nodes, initializers }, counting([1, 3]))).toEqual([2, 3, 1]);
});

test.each([13, 18])('Split of operator set %i without parts shares evenly', async (opset) => {
  const attributes = opset >= 18 ? { axis: 1, num_outputs: 2 } : { axis: 1 };
  const nodes: NodePart[] = [
    ['Split', ['x'], ['a', 'b'], attributes],
    ['Concat', ['b', 'a'], ['y'], { axis: 1 }],
  ];
  const found = await run({ opset, nodes }, counting([1, opset >= 18 ? 5 : 4]));
  expect(found).toEqual(opset >= 18 ? [4, 5, 1, 2, 3] : [3, 4, 1, 2]);
});

test.each([
  [10, { pads: [0, 0, 1, 0, 0, 0, 0, 2] }, [], []],
  [13, {}, ['p'], [ints('p', [8], [0, 0, 1, 0, 0, 0, 0, 2])]],
  [18, {}, ['p', '', 'a'], [ints('p', [4], [1, 0, 0, 2]), ints('a', [2], [2, -1])]],
] as const)('Pad of operator set %i before a convolution is its padding', async (opset, attributes, inputs, initializers) => {
  const nodes: NodePart[] = [
    ['Pad', ['x', ...inputs], ['p0'], attributes],
    ['Conv', ['p0', 'w'], ['y'], {}],
  ];
  const w = floats('w', [1, 1, 1, 1], [1]);
  expect(await run({ opset, nodes, initializers: [...initializers, w] }, counting([1, 1, 1, 2]))).toEqual([0, 0, 0, 0, 1, 2, 0, 0]);
});

test.each<readonly [string, number, NodePart, readonly TensorPart[], RegExp]>([
  ['Clip', 17, ['Clip', ['x'], ['y'], { min: { float: 0 } }], [], /min is an input from operator set 11 on/],
  ['ReduceMean', 18, ['ReduceMean', ['x'], ['y'], { axes: [1] }], [], /axes is an input from operator set 18 on/],
  ['Squeeze', 17, ['Squeeze', ['x'], ['y'], { axes: [0] }], [], /axes is an input from operator set 13 on/],
  ['ReduceMean', 17, ['ReduceMean', ['x', 'a'], ['y']], [ints('a', [1], [1])], /axes is an attribute before operator set 18/],
  ['Clip', 9, ['Clip', ['x', 'a'], ['y']], [floats('a', [], [1])], /min is an attribute before operator set 11/],
])('an argument in the place of another operator set is an error: %s of %i', async (_, opset, node, initializers, expected) => {
  await expect(run({ opset, nodes: [node], initializers }, counting([1, 4]))).rejects.toThrow(expected);
});

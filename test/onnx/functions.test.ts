import { describe, expect, test } from 'vitest';
import { UnsupportedError, WeightsError } from '../../src/errors.js';
import { operators, readOnnx } from '../../src/onnx/index.js';
import { type FunctionPart, floats, type NodePart, type OnnxParts, onnxFile } from '../support/files/onnx.js';
import { counting, run } from './run.js';

/** y = relu(x·scale + shift), by nodes that name a value of their own; the slope of what is below 0 is an attribute. */
const scaled: FunctionPart = {
  domain: 'mine',
  name: 'Scaled',
  inputs: ['a', 'scale', 'shift'],
  outputs: ['result'],
  attributes: ['slope'],
  nodes: [
    ['Mul', ['a', 'scale'], ['product']],
    ['Add', ['product', 'shift'], ['sum']],
    ['LeakyRelu', ['sum'], ['result'], { alpha: { of: 'slope', type: 1 } }],
  ],
};
const initializers = [floats('two', [], [2]), floats('one', [], [1])];
const x = counting([1, 4], (i) => i - 2);

describe('functions that a file defines', () => {
  test('are replaced by their nodes, each call by its own, whose values are named behind the first output', async () => {
    const nodes: NodePart[] = [
      ['Scaled', ['x', 'two', 'one'], ['h'], { slope: { float: 0.5 } }, 'mine'],
      ['Scaled', ['h', 'two', 'one'], ['y'], { slope: { float: 0.25 } }, 'mine'],
    ];
    const parts = { nodes, initializers, functions: [scaled] };
    const model = await readOnnx(onnxFile(parts));
    expect(model.nodes.flatMap(({ outputs }) => outputs)).toEqual(['h/product', 'h/sum', 'h', 'y/product', 'y/sum', 'y']);
    expect([...operators(model).keys()]).toEqual(['Add', 'LeakyRelu', 'Mul']);
    // −2, −1, 0, 1 → −3, −1, 1, 3 → −1.5, −0.5, 1, 3 → −2, 0, 3, 7
    expect(await run(parts, x)).toEqual([-0.5, 0, 3, 7]);
  });

  test('take defaults of attributes, leave inputs out, and call one another', async () => {
    const functions: FunctionPart[] = [
      { ...scaled, attributes: [], defaults: { slope: { float: 0.125 } } },
      {
        domain: 'theirs',
        name: 'Twice',
        inputs: ['v', 'low'],
        outputs: ['w', 'same'],
        nodes: [
          ['Constant', [], ['k'], { value_float: { float: 1 } }],
          ['Scaled', ['v', 'k', 'k'], ['u'], {}, 'mine'],
          ['Clip', ['u', 'low'], ['w']],
        ],
      },
    ];
    const nodes: NodePart[] = [
      ['Twice', ['x'], ['h'], {}, 'theirs'],
      ['Add', ['h', 'one'], ['y']],
    ];
    expect(await run({ nodes, initializers, functions }, x)).toEqual([0.875, 1, 2, 3]);
  });

  test('may hand an input on, and have overloads of the same name', async () => {
    const same: FunctionPart = { domain: 'mine', name: 'Same', inputs: ['v'], outputs: ['v'], nodes: [] };
    const negated: FunctionPart = { ...same, overload: 'negated', outputs: ['w'], nodes: [['Neg', ['v'], ['w']]] };
    const nodes: NodePart[] = [
      ['Same', ['x'], ['h'], {}, 'mine'],
      ['Same', ['h'], ['y'], {}, 'mine#negated'],
    ];
    expect(await run({ nodes, functions: [same, negated] }, x)).toEqual([2, 1, -0, -1]);
  });

  test('one that nobody calls changes nothing', async () => {
    const functions = [{ ...scaled, opset: 99 }];
    expect(await run({ nodes: [['Relu', ['x'], ['y']]], functions }, x)).toEqual([0, 0, 0, 1]);
  });

  const call: NodePart = ['Scaled', ['x', 'two', 'one'], ['y'], {}, 'mine'];
  test.each<[string, Pick<OnnxParts, 'nodes' | 'functions'>, RegExp, typeof WeightsError | typeof UnsupportedError]>([
    [
      'that call themselves',
      { nodes: [['F', ['x'], ['y'], {}, 'mine']], functions: [cycle('F', 'G'), cycle('G', 'F')] },
      /function F calls itself/,
      WeightsError,
    ],
    ['that are defined twice', { nodes: [call], functions: [scaled, scaled] }, /two functions are of the same name/, WeightsError],
    [
      'that are given more than they take',
      { nodes: [['Scaled', ['x', 'two', 'one', 'one'], ['y'], {}, 'mine']], functions: [scaled] },
      /node y: expected 3 inputs and 1 outputs at most/,
      WeightsError,
    ],
    [
      'of another operator set',
      { nodes: [call], functions: [{ ...scaled, opset: 18 }] },
      /node y: expected function Scaled to be of operator set 13, as the file, found 18/,
      UnsupportedError,
    ],
    [
      'of which a node outside takes an attribute',
      { nodes: [['LeakyRelu', ['x'], ['y'], { alpha: { of: 'slope', type: 1 } }]], functions: [scaled] },
      /node y: attribute alpha is that of a function's caller, and there is none/,
      WeightsError,
    ],
    [
      'that double at every depth',
      { nodes: [['F0', ['x'], ['y'], {}, 'mine']], functions: Array.from({ length: 60 }, (_, i) => doubling(i)) },
      /expected a file whose objects take at most/,
      WeightsError,
    ],
  ])('%s are refused', async (_, parts, message, kind) => {
    const read = readOnnx(onnxFile({ ...parts, initializers }));
    await expect(read).rejects.toThrow(kind);
    await expect(read).rejects.toThrow(message);
  });
});

function cycle(name: string, next: string): FunctionPart {
  return { domain: 'mine', name, inputs: ['v'], outputs: ['w'], nodes: [[next, ['v'], ['w'], {}, 'mine']] };
}

function doubling(i: number): FunctionPart {
  const next = `F${i + 1}`;
  const nodes: NodePart[] = [
    [next, ['v'], ['u'], {}, 'mine'],
    [next, ['u'], ['w'], {}, 'mine'],
  ];
  return { domain: 'mine', name: `F${i}`, inputs: ['v'], outputs: ['w'], nodes };
}

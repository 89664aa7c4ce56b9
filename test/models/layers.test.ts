import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { parameters } from '../../src/graph/count.js';
import type { Graph } from '../../src/graph/graph.js';
import { type ConvConfig, conv, linear, maxPool2d, relu } from '../../src/models/layers.js';
import type { Node, Value } from '../../src/ops/op.js';
import type { Shape } from '../../src/tensor.js';

const on = (shape: Shape, model: (x: Value) => Value): Graph => build(shape, model);
const nodesOf = (graph: Graph, op: Node['op']): Node[] => graph.nodes.filter((node) => node.op === op);

describe('conv', () => {
  /** docs/spec/zoo.md §1.4: at stride 2 on even sizes a 3×3 kernel pads (0, 1), a 5×5 (1, 2). */
  test.each<[ConvConfig, Shape, readonly number[], Shape]>([
    [{ out: 2, kernel: 3 }, [8, 8], [1, 1, 1, 1], [8, 8]],
    [{ out: 2, kernel: [1, 7] }, [8, 8], [0, 3, 0, 3], [8, 8]],
    [{ out: 2, kernel: 3, padding: 0 }, [8, 9], [0, 0, 0, 0], [6, 7]],
    [{ out: 2, kernel: 3, stride: 2, padding: [1, 0] }, [8, 9], [1, 0, 1, 0], [4, 4]],
    [{ out: 2, kernel: 3, stride: 2, padding: 'same' }, [8, 8], [0, 1, 1, 0], [4, 4]],
    [{ out: 2, kernel: 5, stride: 2, padding: 'same' }, [8, 8], [1, 2, 2, 1], [4, 4]],
    [{ out: 2, kernel: 3, stride: 2, padding: 'same' }, [9, 8], [1, 1, 1, 0], [5, 4]],
    [{ out: 2, kernel: 5, stride: 1, padding: 'same' }, [9, 8], [2, 2, 2, 2], [9, 8]],
    [{ out: 2, kernel: 1, stride: 2, padding: 'same' }, [8, 8], [0, 0, 0, 0], [4, 4]],
  ])('%j on a plane of %j', (config, plane, padding, output) => {
    const [node] = nodesOf(
      on([1, 3, ...plane], (x) => conv(x, 'c', config)),
      'conv2d',
    );
    expect(node).toMatchObject({ attrs: { padding }, shape: [1, 2, ...output] });
  });

  test('a bias comes after the weights', () => {
    const graph = on([1, 4, 5, 5], (x) => conv(x, 'c', { out: 6, kernel: 3, groups: 2, bias: true }));
    expect(parameters(graph)).toEqual([
      { name: 'c.weight', shape: [6, 2, 3, 3] },
      { name: 'c.bias', shape: [6] },
    ]);
  });
});

test('linear stores its weights as the source does, with a bias or without', () => {
  const graph = on([2, 4], (x) => linear(linear(x, 'a', 3, { weight: 'conv1x1', bias: false }), 'b', 5));
  expect(parameters(graph)).toEqual([
    { name: 'a.weight', shape: [3, 4, 1, 1] },
    { name: 'b.weight', shape: [5, 3] },
    { name: 'b.bias', shape: [5] },
  ]);
});

describe('a wrong config is one error that names the layer', () => {
  const convolution = (config: object) => (x: Value) => conv(x, 'c', config as never);
  test.each<[(x: Value) => Value, RegExp]>([
    [convolution({ kernel: 3 }), /^c: out is a whole number from 1, not undefined$/],
    [convolution({ out: 0, kernel: 1 }), /^c: out is a whole number from 1, not 0$/],
    [convolution({ out: 2 }), /^c: kernel: expected a number or \[vertical, horizontal\], not undefined$/],
    [convolution({ out: 2, kernel: 3, pad: 0 }), /^c: unknown option pad/],
    [convolution({ out: 2, kernel: 2 }), /^c: a kernel of 2x2 needs padding, a number or 'same'$/],
    [convolution({ out: 2, kernel: 3, groups: 3 }), /^c: 4 channels are no 3 groups$/],
    [(x) => linear(x, 'fc', { out: 3 } as never), /^fc: out is a whole number from 1, not Object$/],
    [(x) => linear(x, 'fc', 3, { biases: false } as never), /^fc: unknown option biases \(did you mean bias\?\)$/],
    [(x) => maxPool2d(x, { kernel: 3, strides: 2 } as never), /^maxPool2d: unknown option strides \(did you mean stride\?\)$/],
  ])('%#', (model, message) => {
    expect(() => on([1, 4, 6, 6], model)).toThrow(InputError);
    expect(() => on([1, 4, 6, 6], model)).toThrow(message);
  });
});

test('build takes gates and features, and extents from 1', () => {
  expect(() => build([1, 4, 6, 6], relu, { gate: true } as never)).toThrow('build: unknown option gate (did you mean gates?)');
  expect(() => build([0, 4, 6, 6], relu)).toThrow('build: a shape is a list of whole numbers from 1, not [0, 4, 6, 6]');
});

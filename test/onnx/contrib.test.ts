import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { bounds } from '../../src/bound/bound.js';
import { UnsupportedError } from '../../src/errors.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { expectWithin } from '../support/expectWithin.js';
import { floats, type NodePart, type OnnxParts, onnxFile, s8, s32, u8 } from '../support/files/onnx.js';
import { close, counting, imported, opsOf, run } from './run.js';

/** Operators of onnxruntime's own domain. */

interface Fixture {
  /** `dynamic`: quantised as it runs. */
  readonly kind: 'quantised' | 'dynamic' | 'floats';
  readonly shape: readonly number[];
  readonly output: readonly number[];
  readonly operators: readonly string[];
}
const folder = new URL('../fixtures/onnxruntime/', import.meta.url);
const { files } = JSON.parse(readFileSync(new URL('index.json', folder), 'utf8')) as { readonly files: Readonly<Record<string, Fixture>> };

/** As make.py has it. */
const picture = (shape: readonly number[]): Tensor => {
  const { data } = counting(shape, (i) => ((7919 * i + 613) % 4096) / 1024 - 2);
  return tensor(shape, Float32Array.from(data));
};
const network = async (name: string, options: object = {}) => {
  const { shape } = files[name] as Fixture;
  return graphOfOnnx(await readOnnx(readFileSync(new URL(name, folder))), { input: shape, ...options });
};

describe('files that onnxruntime wrote', () => {
  test.each(Object.entries(files))('%s', async (name, { kind, shape, output }) => {
    const { graph, weights, outputName } = await network(name);
    const input = picture(shape);
    const found = evaluate(graph, reference(weights, { input })).get(outputName) as Tensor;
    using session = await compile(graph, weights);
    const kernels = session.run(input).get(outputName) as Tensor;
    if (kind === 'quantised') for (const { data } of [found, kernels]) expect([...data]).toEqual(output);
    else if (kind === 'dynamic') for (const { data } of [found, kernels]) close([...data], output);
    else {
      const bounded = evaluate(graph, bounds(weights, { input })).get(outputName);
      if (bounded === undefined) throw new Error('there is no such output');
      expectWithin(tensor(found.shape, Float32Array.from(output)), bounded, name);
      expectWithin(kernels, bounded, name);
    }
  });

  test('every operator of theirs is one of ONNX’s once it is read', async () => {
    for (const name of Object.keys(files)) {
      const { nodes } = await readOnnx(readFileSync(new URL(name, folder)));
      expect(new Set(nodes.map(({ domain }) => domain))).toEqual(new Set(['']));
    }
  });

  const se = Object.keys(files).filter((name) => name !== 'optimised-functions.onnx');
  test.each(se)('%s: its SE block is found, and can be left out', async (name) => {
    const { shape } = files[name] as Fixture;
    const { graph, weights, gates, outputName } = await network(name, { gates: true });
    expect([...gates.values()]).toEqual([{ activation: 'sigmoid', slope: 1, offset: 0, inner: 'relu' }]);
    const host = await network(name, { se: false });
    expect(opsOf(host.graph).filter((op) => ['sigmoid', 'scale', 'quantisedScale'].includes(op))).toEqual([]);
    const input = picture(shape);
    const of = (which: typeof graph, its: typeof weights): Tensor => evaluate(which, reference(its, { input })).get(outputName) as Tensor;
    expect(of(host.graph, host.weights).data).not.toEqual(of(graph, weights).data);
  });
});

const x = tensor([1, 2, 1, 2], [1, 2, -1, 3]);
const scales = [floats('xs', [], [0.5]), u8('xz', [], [4]), floats('ys', [], [0.25]), u8('yz', [], [8])];
const quantised: NodePart = ['QuantizeLinear', ['x', 'xs', 'xz'], ['q']];
const last: NodePart = ['DequantizeLinear', ['r', 'ys', 'yz'], ['y']];
/** A network of one operator among integers; what q stands for is x. */
const among = (node: NodePart, initializers: OnnxParts['initializers'] = [], opset = 13): OnnxParts => ({
  opset,
  nodes: [quantised, node, last],
  initializers: [...scales, ...(initializers ?? [])],
});
const own = (op: string, inputs: readonly string[], attributes: NodePart[3] = {}, outputs: readonly string[] = ['r']): NodePart => [
  op,
  inputs,
  outputs,
  attributes,
  'com.microsoft',
];
const q = ['q', 'xs', 'xz'];
const y = ['ys', 'yz'];

describe('one at a time, by hand', () => {
  test.each<[string, NodePart, readonly number[], number?]>([
    ['QLinearReduceMean before operator set 18', own('QLinearReduceMean', [...q, ...y], { axes: [3], keepdims: 0 }), [1.5, 1]],
    ['QLinearReduceMean', own('QLinearReduceMean', [...q, ...y], { axes: [3], keepdims: 1 }), [1.5, 1], 18],
    ['QLinearLeakyRelu', own('QLinearLeakyRelu', [...q, ...y], { alpha: { float: 0.5 } }), [1, 2, -0.5, 3]],
    ['QLinearConcat', own('QLinearConcat', [...y, ...q, ...q], { axis: 1 }), [1, 2, -1, 3, 1, 2, -1, 3]],
    ['QLinearAdd of a value and itself', own('QLinearAdd', [...q, ...q, ...y]), [2, 4, -2, 6]],
    ['QLinearMul of a value and itself', own('QLinearMul', [...q, ...q, ...y]), [1, 4, 1, 9]],
    [
      'QLinearAveragePool',
      own('QLinearAveragePool', [...q, ...y], { kernel_shape: [1, 2], pads: [0, 1, 0, 0], count_include_pad: 1 }),
      [0.5, 1.5, -0.5, 1],
    ],
    ['QLinearGlobalAveragePool', own('QLinearGlobalAveragePool', [...q, ...y], { channels_last: 0 }), [1.5, 1]],
  ])('%s', async (_, node, expected, opset) => {
    expect(await run(among(node, [], opset), x)).toEqual(expected);
  });

  const row = tensor([1, 2], [1, 3]);
  const matrix = (dtype: typeof s8, name = 'w') => dtype(name, [2, 2], [2, -4, 1, 3]);
  const ws = [floats('ws', [2], [0.5, 1]), s8('wz', [2], [0, 0])];
  test('QGemm: the bias is in units of both scales', async () => {
    const inputs = [...q, 'w', 'ws', 'wz', 'b', ...y];
    // rows of w: 1, −2 and 1, 3; 1·1 + 3·−2 + 8/4, 1·1 + 3·3 − 2/2
    const parts = among(own('QGemm', inputs, { transB: 1 }), [matrix(s8), ...ws, s32('b', [2], [8, -2])]);
    expect(await run(parts, row)).toEqual([-2, 9]); // −5 + 2 is −3, which ys ends at −2
    expect(opsOf(await imported(parts, row.shape))).toEqual(['quantise', 'quantisedLinear', 'dequantise']);
  });

  test('QGemm: along columns, times alpha, without a scale of the output a float', async () => {
    const node = own('QGemm', [...q, 'w', 'ws', 'wz', 'b'], { alpha: { float: 2 } }, ['y']);
    // columns of w: 1, 0.5 and −4, 3; twice 1·1 + 3·0.5 + 8/4 and twice −4 + 9 − 2/2
    expect(await run({ nodes: [quantised, node], initializers: [...scales, matrix(s8), ...ws, s32('b', [2], [8, -2])] }, row)).toEqual([
      9, 8,
    ]);
  });

  test('QLinearWhere, of a constant condition', async () => {
    const condition = { name: 'c', shape: [1, 1, 1, 2], type: 9, stored: u8('c', [1, 1, 1, 2], [1, 0]).stored };
    const constant = [u8('k', [1], [6]), floats('ks', [], [0.5]), u8('kz', [], [2])];
    expect(await run(among(own('QLinearWhere', ['c', ...q, 'k', 'ks', 'kz', ...y]), [condition, ...constant]), x)).toEqual([1, 2, -1, 2]);
  });

  test('MatMulIntegerToFloat', async () => {
    const node = own('MatMulIntegerToFloat', ['q', 'w', 'xs', 'ws', 'xz', 'wz', 'b'], {}, ['y']);
    const initializers = [...scales, matrix(s8), ...ws, floats('b', [2], [0.5, -1])];
    expect(await run({ nodes: [quantised, node], initializers }, row)).toEqual([3, 4]);
  });

  const tanh = own('FusedGemm', ['x', 'w', 'b'], { activation: 'Tanh', alpha: { float: 0.5 }, transB: 1 }, ['y']);
  test('FusedGemm, and activations whose numbers are left out', async () => {
    const initializers = [floats('w', [2, 2], [2, 0, 0, -1]), floats('b', [2], [-0.5, 0.5])];
    close(await run({ nodes: [tanh], initializers }, row), [Math.tanh(0.5), Math.tanh(-1)]);
    const leaky = own('FusedConv', ['x', 'k'], { activation: 'LeakyRelu' }, ['y']);
    close(await run({ nodes: [leaky], initializers: [floats('k', [1, 2, 1, 1], [1, 2])] }, x), [-0.01, 8]);
  });

  test.each([
    ['before operator set 11', 10],
    ['from it on', 11],
  ])('FusedConv with a sum and a Clip, %s', async (_, opset) => {
    const node = own('FusedConv', ['x', 'k', '', 'x'], { activation: 'Clip', activation_params: { floats: [-1.5, 4] } }, ['y']);
    expect(await run({ opset, nodes: [node], initializers: [floats('k', [2, 2, 1, 1], [1, 0, 0, 1])] }, x)).toEqual([2, 4, -1.5, 4]);
  });

  test('FastGelu and BiasGelu add their bias first', async () => {
    const bias = floats('b', [2], [1, -1]);
    const gelu = (v: number): number => (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)));
    close(await run({ nodes: [own('FastGelu', ['x', 'b'], {}, ['y'])], initializers: [bias] }, row), [gelu(2), gelu(2)]);
    expect(opsOf(await imported({ nodes: [own('BiasGelu', ['x', 'b'], {}, ['y'])], initializers: [bias] }, row.shape))).toContain('apply');
  });
});

test.each<[string, NodePart]>([
  ['com.microsoft.QLinearGlobalAveragePool', own('QLinearGlobalAveragePool', [...q, ...y], { channels_last: 1 })],
  ['com.microsoft.QLinearSoftmax', own('QLinearSoftmax', [...q, ...y], { axis: 1, opset: 11 })],
  ['com.microsoft.FusedConv', own('FusedConv', ['q', 'q'], { activation: 'Swoosh' })],
  ['com.microsoft.NhwcMaxPool', own('NhwcMaxPool', ['q'])],
])('%s in a form that is not known is refused by its own name', async (name, node) => {
  const model = await readOnnx(onnxFile(among(node)));
  const make = () => graphOfOnnx(model, { input: x.shape });
  expect(make).toThrow(UnsupportedError);
  expect(make).toThrow(`${name} of operator set 13 (this operator is not known)`);
});

import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { count, parameters } from '../../src/graph/count.js';
import type { Graph } from '../../src/graph/graph.js';
import { createModel } from '../../src/models/index.js';
import type { ModelOptions } from '../../src/models/model.js';
import type { Node } from '../../src/ops/op.js';
import { sizeOf } from '../../src/tensor.js';

/** The paper's variants of SE-ResNet-50 (Hu 2018, §6): v1, as the authors trained it. */
const host = 'timm/legacy_seresnet50';
const variant = (options: ModelOptions): Graph => createModel(host, options);

/** docs/spec/zoo.md §7.2. */
describe.each<[ModelOptions, biasFree: number, withBiases: number, macs: number]>([
  [{}, 28_071_976, 28_088_024, 3_860_488_192],
  [{ placement: 'standard' }, 28_071_976, 28_088_024, 3_860_488_192],
  [{ placement: 'post' }, 28_071_976, 28_088_024, 3_860_488_192],
  [{ placement: 'identity' }, 28_071_976, 28_088_024, 3_860_488_192],
  [{ placement: 'pre' }, 27_548_200, 27_562_140, 3_859_964_416],
  [{ placement: '3x3' }, 25_714_216, 25_718_228, 3_858_130_432],
  [{ squeeze: 'max' }, 28_071_976, 28_088_024, 3_860_488_192],
  [{ squeeze: 'none' }, 28_071_976, 28_088_024, 4_269_015_040],
  [{ excitation: 'tanh' }, 28_071_976, 28_088_024, 3_860_488_192],
])('%j', (options, biasFree, withBiases, macs) => {
  test('counts', () => {
    expect(count(variant(options))).toEqual({ params: withBiases, macs });
    expect(count(variant({ ...options, gateBias: false }))).toEqual({ params: biasFree, macs });
  });

  test('has its tensors in the standard order', () => {
    const names = (graph: Graph): readonly string[] => parameters(graph).map(({ name }) => name);
    expect(names(variant(options))).toEqual(names(variant({})));
  });
});

/** Tables 10 and 13 count learned and running numbers, without the gates' biases. */
test.each<[ModelOptions, millions: string]>([
  [{ reduction: 2 }, '45.73'],
  [{ reduction: 4 }, '35.67'],
  [{ reduction: 8 }, '30.64'],
  [{ reduction: 16 }, '28.13'],
  [{ reduction: 32 }, '26.87'],
  [{ se: false }, '25.61'],
  [{ stages: [] }, '25.61'],
  [{ stages: [2] }, '25.63'],
  [{ stages: [3] }, '25.74'],
  [{ stages: [4] }, '26.40'],
  [{ stages: [2, 3, 4, 5] }, '28.13'],
])('%j has %s M numbers', (options, millions) => {
  const numbers = parameters(variant({ ...options, gateBias: false })).reduce((sum, { shape }) => sum + sizeOf(shape), 0);
  expect((numbers / 1e6).toFixed(2)).toBe(millions);
});

/** What each variant makes of x, the block's input, and r, its branch: the ops from the last batch norm of an identity block to its end. */
test.each<[ModelOptions, readonly Node['op'][]]>([
  [{}, ['globalAvgPool', 'linear', 'relu', 'linear', 'sigmoid', 'scale', 'add', 'relu']],
  [{ squeeze: 'max', excitation: 'relu' }, ['globalMaxPool', 'linear', 'relu', 'linear', 'relu', 'scale', 'add', 'relu']],
  [{ squeeze: 'none', excitation: 'tanh' }, ['conv2d', 'relu', 'conv2d', 'tanh', 'multiply', 'add', 'relu']],
  [{ placement: 'pre' }, ['add', 'relu']],
  [{ placement: '3x3' }, ['add', 'relu']],
  [{ placement: 'post' }, ['add', 'relu', 'globalAvgPool', 'linear', 'relu', 'linear', 'sigmoid', 'scale']],
  [{ placement: 'identity' }, ['globalAvgPool', 'linear', 'relu', 'linear', 'sigmoid', 'scale', 'add', 'relu']],
])('%j: what follows the last batch norm of a block', (options, ops) => {
  const { nodes } = variant(options);
  const last = nodes.findLastIndex(({ op }) => op === 'batchNorm');
  const tail = nodes.slice(last + 1).filter(({ op }) => op !== 'param');
  expect(tail.map(({ op }) => op)).toEqual([...ops, 'globalAvgPool', 'linear']);
});

test('networks with other gates take the options that their blocks have a place for', () => {
  expect(count(createModel('moskomule/se_resnet50', { gateBias: true })).params).toBe(28_088_024);
  expect(
    parameters(createModel('pytorchcv/sepreresnet20_cifar10', { stages: [4] })).filter(({ name }) => name.includes('.se.')).length,
  ).toBe(12);
});

test.each<[string, object, RegExp]>([
  ['timm/resnet50', { squeeze: 'max' }, /timm\/resnet50 has no SE blocks, so no squeeze/],
  ['pytorchcv/sepreresnet18', { placement: 'pre' }, /pytorchcv\/sepreresnet18 does not take placement/],
  ['timm/legacy_seresnet18', { placement: '3x3' }, /placement 3x3 is inside a bottleneck/],
  [host, { placement: 'after' }, /placement must be standard, pre, post, identity or 3x3, not after/],
  [host, { squeeze: true }, /squeeze must be avg, max or none, not true/],
  [host, { excitation: 'softmax' }, /excitation must be sigmoid, tanh or relu, not softmax/],
  [host, { gateBias: 1 }, /gateBias must be true or false, not 1/],
  [host, { stages: 2 }, /stages must be a list of whole numbers from 1, not 2/],
  [host, { stages: [2, 6] }, /stages are 2 to 5, so not 6/],
  [host, { stages: [1] }, /stages are 2 to 5, so not 1/],
  ['senet/se_wrn16_8_cifar10', { stages: [5] }, /stages are 2 to 4, so not 5/],
])('%s refuses %j', (id, options, message) => {
  expect(() => createModel(id, options)).toThrow(InputError);
  expect(() => createModel(id, options)).toThrow(message);
});

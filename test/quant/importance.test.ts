import { expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import { add, bn, conv, globalAvgPool, linear, relu } from '../../src/index.js';
import { Histogram } from '../../src/quant/histogram.js';
import { importanceOf } from '../../src/quant/importance.js';
import { type Tensor, tensor } from '../../src/tensor.js';

const graph = build([1, 2, 4, 4], (image) => {
  const x = relu(conv(image, 'stem', { out: 2, kernel: 1 }));
  const deep = bn(conv(x, 'deep', { out: 2, kernel: 1, groups: 2 }), 'norm', 0);
  const wide = conv(x, 'wide', { out: 2, kernel: 1 });
  return linear(globalAvgPool(add(deep, wide)), 'fc', 2);
});
const weights = new Map<string, Tensor>([
  ['stem.weight', tensor([2, 2, 1, 1], [1, 2, 3, 4])],
  ['deep.weight', tensor([2, 1, 1, 1], [1, 3])],
  ['norm.weight', tensor([2], [1, 4])],
  ['norm.bias', tensor([2], [0, 0])],
  ['norm.running_mean', tensor([2], [0, 0])],
  ['norm.running_var', tensor([2], [1, 4])],
  ['wide.weight', tensor([2, 2, 1, 1], [3, 0, 3, 6])],
]);
const idOf = (op: string): number => graph.nodes.find((node) => node.op === op)?.id as number;

test('a channel matters as the squares of the weights behind it, batch norm folded in; readers count alike, and their mean is 1', () => {
  const importance = importanceOf(graph, weights);
  // 1 + 9 and 4 + 16 of 30
  expect([...(importance(idOf('input')) ?? [])]).toEqual([(2 * 10) / 30, (2 * 20) / 30].map((value) => expect.closeTo(value, 14)));
  // of one layer 1 and (3 · 4 / 2)², of the other 9 + 9 and 36
  const expected = [1 / 37 + 18 / 54, 36 / 37 + 36 / 54];
  expect([...(importance(idOf('relu')) ?? [])]).toEqual(expected.map((value) => expect.closeTo(value, 14)));
  // what only a function lies behind is as what the function gives
  expect(importance(idOf('conv2d'))).toEqual(importance(idOf('relu')));
});

test('what no layer of planes reads has none, nor have weights that are all 0', () => {
  expect(importanceOf(graph, weights)(idOf('add'))).toBeUndefined();
  const none = new Map<string, Tensor>([...weights].map(([name, { shape, data }]) => [name, tensor(shape, [...data].fill(0))]));
  none.set('norm.running_var', tensor([2], [1, 1]));
  expect(importanceOf(graph, none)(idOf('relu'))).toBeUndefined();
});

test('least squares cut off a channel of large numbers that does not matter', () => {
  const even = Array.from({ length: 1000 }, (_, i) => i / 1000);
  const data = Float32Array.from([...even, ...even.map((value) => 30 * value)]);
  const [plain, weighted] = [new Histogram(), new Histogram()];
  plain.add('x', data);
  weighted.add('x', data, Float64Array.of(2, 0));
  expect(plain.leastSquares(false)[1]).toBeGreaterThan(20);
  // forty ends are tried, of which the second is 1.5
  expect(weighted.leastSquares(false)[1]).toBeLessThan(2);
  expect(weighted.percentile(1e-4)).toEqual(plain.percentile(1e-4));
  expect([weighted.low, weighted.high]).toEqual([plain.low, plain.high]);
});

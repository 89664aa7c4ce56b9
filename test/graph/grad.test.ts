import { expect, test } from 'vitest';
import { ShapeError, UnsupportedError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { parameters } from '../../src/graph/count.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { grad } from '../../src/graph/grad.js';
import { add, conv, globalAvgPool, linear, relu } from '../../src/models/layers.js';
import type { Value } from '../../src/ops/op.js';
import { type Tensor, tensor } from '../../src/tensor.js';

const mean = (x: Value): Value => x.graph.emit('mean', [x], {});
const scaled = (x: Value): Value => x.graph.emit('scaleBy', [x], { factor: 3 });

test('by hand: paths that meet are added, those that a ReLU closes are not', () => {
  // y = relu(wx) + 3wx, at wx = 2 and −1: 8 and −3; the mean of y is (4·2 + 3·(−1)) / 2, and its slope in w (4·2/2 + 3·(−1)/2·…): x = 1, −½.
  const graph = grad(
    build([1, 1, 1, 2], (x) => {
      const u = conv(x, 'conv', { out: 1, kernel: 1 });
      return add(relu(u), scaled(u));
    }),
    mean,
  );
  const outputs = evaluate(
    graph,
    reference(new Map([['conv.weight', tensor([1, 1, 1, 1], [2])]]), { input: tensor([1, 1, 1, 2], [1, -0.5]) }),
  );
  expect(outputs.get('logits')).toEqual(tensor([1, 1, 1, 2], [8, -3]));
  expect(outputs.get('loss')).toEqual(tensor([], [2.5]));
  expect(outputs.get('conv.weight')).toEqual(tensor([1, 1, 1, 1], [(4 * 1 + 3 * -0.5) / 2]));
});

test('a parameter that the loss does not depend on has a gradient of zeros', () => {
  const graph = grad(
    build([1, 2], (x) => {
      linear(x, 'unused', 3);
      return linear(x, 'fc', 1, { bias: false });
    }),
    mean,
  );
  const weights = new Map<string, Tensor>([
    ['unused.weight', tensor([3, 2], [1, 2, 3, 4, 5, 6])],
    ['unused.bias', tensor([3], [7, 8, 9])],
    ['fc.weight', tensor([1, 2], [1, 1])],
  ]);
  const outputs = evaluate(graph, reference(weights, { input: tensor([1, 2], [5, 6]) }));
  expect(outputs.get('unused.weight')).toEqual(tensor([3, 2], [0, 0, 0, 0, 0, 0]));
  expect(outputs.get('unused.bias')).toEqual(tensor([3], [0, 0, 0]));
  expect(outputs.get('fc.weight')).toEqual(tensor([1, 2], [5, 6]));
});

test('nothing is computed that no gradient needs: not the image’s cotangent', () => {
  const host = build([1, 3, 4, 4], (x) =>
    linear(globalAvgPool(conv(conv(x, 'conv1', { out: 2, kernel: 3 }), 'conv2', { out: 2, kernel: 3 })), 'fc', 2),
  );
  const graph = grad(host, mean);
  expect(graph.nodes.filter(({ op }) => op === 'conv2dGradInput')).toHaveLength(1);
  expect(graph.nodes.filter(({ op }) => op === 'conv2dGradWeight')).toHaveLength(2);
  expect(graph.nodes.map(({ id }) => id)).toEqual(graph.nodes.map((_, i) => i));
  expect(graph.nodes.every(({ id, inputs }) => inputs.every((input) => input < id))).toBe(true);
  expect(parameters(graph)).toEqual(parameters(host));
  expect([...graph.outputs.keys()]).toEqual(['logits', 'loss', ...parameters(host).map(({ name }) => name)]);
});

test('a loss of several numbers is a ShapeError, an op without a gradient an UnsupportedError', () => {
  const host = build([1, 2], (x) => linear(x, 'fc', 2));
  expect(() => grad(host, (logits) => logits)).toThrow(ShapeError);
  expect(() => grad(host, (logits) => logits)).toThrow('a loss is one number: loss [1, 2]');
  const twice = () => grad(host, (logits) => mean(logits.graph.emit('softmaxGrad', [logits, logits], {})));
  expect(twice).toThrow(UnsupportedError);
  expect(twice).toThrow('softmaxGrad has no gradient (node 4)');
});

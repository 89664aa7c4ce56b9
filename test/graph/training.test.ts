import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError, ShapeError, UnsupportedError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { parameters } from '../../src/graph/count.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { grad } from '../../src/graph/grad.js';
import type { Graph } from '../../src/graph/graph.js';
import { training } from '../../src/graph/training.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { add, bn, conv, globalAvgPool, linear, sigmoid, silu } from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import { map, type Tensor, tensor, widen } from '../../src/tensor.js';
import { crossEntropy, targetsOf } from '../../src/train/loss.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';
import { expectSlope } from '../support/slope.js';

const norm = build([2, 2, 1, 2], (x) => bn(x, 'bn'));
const weights = new Map<string, Tensor>([
  ['bn.weight', tensor([2], [2, 1])],
  ['bn.bias', tensor([2], [1, 0])],
  ['bn.running_mean', tensor([2], [10, 20])],
  ['bn.running_var', tensor([2], [3, 6])],
]);

test('by hand: a minibatch is normalised by its own mean and biased variance; the running ones move towards it, the variance unbiased', () => {
  const host = build([5, 2, 1, 1], (x) => bn(x, 'bn', 5));
  const input = tensor([5, 2, 1, 1], [0, 5, 2, 5, 4, 5, -2, 5, 1, 5]); // channel 0: mean 1, Σ(x − 1)² = 20; channel 1: 5, 0
  const outputs = evaluate(training(host, { momentum: 0.25 }), reference(weights, { input }));
  const y = (x: number): number => ((x - 1) / 3) * 2 + 1;
  expect(outputs.get('logits')).toEqual(tensor([5, 2, 1, 1], [y(0), 0, y(2), 0, y(4), 0, y(-2), 0, y(1), 0]));
  expect(outputs.get('bn.running_mean')).toEqual(tensor([2], [0.75 * 10 + 0.25 * 1, 0.75 * 20 + 0.25 * 5]));
  expect(outputs.get('bn.running_var')).toEqual(tensor([2], [0.75 * 3 + 0.25 * 5, 0.75 * 6]));
});

test('parameters and gates stay as they are; every running statistic is an output', () => {
  const host = createModel('pytorchcv/seresnet20_cifar10', { gates: true });
  const graph = training(host);
  expect(parameters(graph)).toEqual(parameters(host));
  const running = parameters(host).flatMap(({ name }) => (/running_(mean|var)$/.test(name) ? [name] : []));
  expect([...graph.outputs.keys()].sort()).toEqual([...host.outputs.keys(), ...running].sort());
  expect(running).toHaveLength(2 * 21);
});

test('a graph without batch norm is its own training mode', () => {
  const graph = build([1, 3], (x) => sigmoid(linear(x, 'fc', 2)));
  expect(training(graph)).toEqual(graph);
});

test('a graph in training mode already, and options that there are not, are InputErrors', () => {
  const refused = (call: () => Graph, message: string): void => {
    expect(call).toThrow(InputError);
    expect(call).toThrow(message);
  };
  refused(() => training(training(norm)), 'training takes a graph as it infers');
  refused(() => training(grad(training(network(2, 2)), crossEntropy)), 'found a graph in training mode already');
  refused(() => training(norm, { momentun: 0.1 } as never), 'training: unknown option momentun (did you mean momentum?)');
  refused(() => training(norm, { momentum: Symbol('x') } as never), 'momentum is a number from 0 to 1, not Symbol(x)');
});

test('one value a channel is a ShapeError', () => {
  expect(() => training(build([1, 2, 1, 1], (x) => bn(x, 'bn')))).toThrow(ShapeError);
});

/** A convolution, batch norms, a gate, a shortcut and a classifier, all smooth but for the gate's ReLU. */
function network(N: number, C: number): Graph {
  return build([N, 2, 4, 3], (image) => {
    const x = silu(bn(conv(image, 'conv1', { out: C, kernel: 3 }), 'bn1'));
    const u = squeezeExcite(bn(conv(x, 'conv2', { out: C, kernel: 1 }), 'bn2'), 'se', { squeezed: 2, gate: 'gate' });
    return linear(globalAvgPool(silu(add(u, x))), 'fc', 3);
  });
}

/** Float64 weights; the gate's hidden units are clearly on or off, so that no kink is near. */
function weightsOf(graph: Graph, seed: number): ReadonlyMap<string, Tensor> {
  const drawn = [...syntheticWeights(graph, { seed })].map(([name, x]) => [name, widen(x)] as const);
  return new Map(drawn.map(([name, x]) => [name, name === 'se.fc1.bias' ? map(x, (bias) => 8 * Math.sign(bias) + bias) : x]));
}

test('a small SE network in training mode: its gradient is the slope that central differences find', () => {
  fc.assert(
    fc.property(extents(4, 2), extents(3), seeds(), fc.constantFrom(0, 0.1), (N, C, seed, smoothing) => {
      const host = network(N, C);
      const labels = Array.from({ length: N }, (_, n) => (seed + n) % 3);
      const inputs = { input: widen(seeded([N, 2, 4, 3], seed)), targets: targetsOf(labels, 3, smoothing) };
      expectSlope(grad(training(host), crossEntropy), weightsOf(host, seed), inputs, seed);
    }),
    { numRuns: 40 },
  );
});

test('a lone SE block: its gradient is the slope that central differences find', () => {
  fc.assert(
    fc.property(extents(3), extents(5), extents(4), seeds(), (N, C, H, seed) => {
      const host = build([N, C, H, 3], (u) => globalAvgPool(squeezeExcite(u, 'se', { squeezed: 2, gate: 'gate' })));
      const inputs = { input: widen(seeded([N, C, H, 3], seed)), targets: targetsOf(Array(N).fill(0), C, 0.1) };
      expectSlope(grad(host, crossEntropy), weightsOf(host, seed), inputs, seed);
    }),
    { numRuns: 40 },
  );
});

test('readings that do not know an op of training say so: UnsupportedErrors that name it', () => {
  const image = seeded([2, 2, 1, 2], 1);
  const { channelMean: _, ...without } = reference(weights, { input: image });
  expect(() => evaluate(training(norm), without)).toThrow(UnsupportedError);
  expect(() => evaluate(training(norm), without)).toThrow('channelMean, an op of training, has no meaning here (node 5)');
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError, WeightsError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { count } from '../../src/graph/count.js';
import { evaluate, type Interpreter, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { add, bn, conv, globalAvgPool, linear, maxPool2d, relu } from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import { ops } from '../../src/ops/index.js';
import type { Node, OpName, Value } from '../../src/ops/op.js';
import { type Tensor, tensor, widen } from '../../src/tensor.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';

/** A network with all that makes values' lives long: a shortcut, a gate, and a stem that is read again at the end. */
function network(channels: number, gates: boolean): Graph {
  return build(
    [2, 3, 7, 6],
    (image) => {
      const stem = relu(bn(conv(image, 'conv1', { out: channels, kernel: 3 }), 'bn1'));
      const u = squeezeExcite(bn(conv(stem, 'conv2', { out: channels, kernel: 3 }), 'bn2'), 'se', { squeezed: 1, gate: 'gate' });
      const x = relu(add(add(u, stem), add(stem, stem)));
      return linear(globalAvgPool(maxPool2d(x, { kernel: 3, stride: 2, padding: 1, rounding: 'floor' })), 'fc', 4);
    },
    { gates },
  );
}

/** The same list, every value kept. */
function evaluateAll(graph: Graph, interpreter: Interpreter<Tensor, OpName>): readonly Tensor[] {
  const values: Tensor[] = [];
  for (const node of graph.nodes) {
    const rule = interpreter[node.op] as (inputs: readonly Tensor[], node: Node) => Tensor;
    values.push(
      rule(
        node.inputs.map((id) => values[id] as Tensor),
        node,
      ),
    );
  }
  return values;
}

test('dropping values after their last reader changes no output', () => {
  fc.assert(
    fc.property(extents(3), fc.boolean(), seeds(), (channels, gates, seed) => {
      const graph = network(channels, gates);
      const interpreter = reference(syntheticWeights(graph, { seed }), { input: seeded([2, 3, 7, 6], seed) });
      const kept = evaluateAll(graph, interpreter);
      const expected = [...graph.outputs].map(([name, id]) => [name, kept[id]]);
      expect([...evaluate(graph, interpreter)]).toEqual(expected);
      expect(expected.map(([name]) => name)).toEqual(gates ? ['logits', 'se.gate'] : ['logits']);
    }),
    { numRuns: 20 },
  );
});

test('any domain will do: here, the depth of a node', () => {
  const graph = network(2, true);
  const depth = (inputs: readonly number[]): number => Math.max(0, ...inputs.map((input) => input + 1));
  const depths = Object.fromEntries(Object.keys(ops).map((op) => [op, depth])) as unknown as Interpreter<number>;
  expect([...evaluate(graph, depths)]).toEqual([
    ['logits', 17],
    ['se.gate', 10],
  ]);
});

test('by hand: a 1×1 convolution, a norm, a sum and a classifier', () => {
  const graph = build([1, 1, 1, 2], (x) =>
    linear(globalAvgPool(relu(add(bn(conv(x, 'conv', { out: 1, kernel: 1 }), 'bn', 0), x))), 'fc', 2),
  );
  const weights = new Map<string, Tensor>([
    ['conv.weight', tensor([1, 1, 1, 1], [3])],
    ['bn.weight', tensor([1], [2])],
    ['bn.bias', tensor([1], [1])],
    ['bn.running_mean', tensor([1], [3])],
    ['bn.running_var', tensor([1], [4])],
    ['fc.weight', tensor([2, 1], [1, -1])],
    ['fc.bias', tensor([2], [0, 10])],
  ]);
  // x = 5: (15 − 3) / 2 · 2 + 1 + 5 = 18; x = −5: (−15 − 3) / 2 · 2 + 1 − 5 < 0; their mean after ReLU is 9.
  const run = (input: Tensor) => evaluate(graph, reference(weights, { input })).get('logits');
  expect(run(tensor([1, 1, 1, 2], [5, -5]))).toEqual(tensor([1, 2], [9, 1]));
  expect(run(widen(tensor([1, 1, 1, 2], [5, -5])))).toEqual(widen(tensor([1, 2], [9, 1])));
});

test('an input that is itself an output is kept', () => {
  const graph = build([1, 1, 1, 1], (x) => {
    relu(x); // nobody reads it
    return x;
  });
  const input = tensor([1, 1, 1, 1], [-1]);
  expect(evaluate(graph, reference(new Map(), { input })).get('logits')).toBe(input);
});

const classify = (x: Value): Value => linear(globalAvgPool(x), 'fc', 2);
const image = seeded([1, 3, 2, 2], 1);

test('missing and misshapen weights are WeightsErrors that name them', () => {
  const graph = build([1, 3, 2, 2], classify);
  const run = (fc: Readonly<Record<string, Tensor>>) => () => evaluate(graph, reference(new Map(Object.entries(fc)), { input: image }));
  expect(run({ 'fc.bias': seeded([2], 1) })).toThrow(WeightsError);
  expect(run({ 'fc.bias': seeded([2], 1) })).toThrow('tensor fc.weight is missing, expected [2, 3]');
  const misshapen = run({ 'fc.bias': seeded([2], 1), 'fc.weight': seeded([2, 3, 1, 1], 1) });
  expect(misshapen).toThrow(WeightsError);
  expect(misshapen).toThrow('tensor fc.weight has another shape, expected [2, 3], found [2, 3, 1, 1]');
});

test('absent and misshapen inputs are ShapeErrors', () => {
  const graph = build([1, 3, 2, 2], classify);
  const weights = syntheticWeights(graph, { seed: 1 });
  const run = (inputs: Readonly<Record<string, Tensor>>) => () => evaluate(graph, reference(weights, inputs));
  expect(run({ input: image })).not.toThrow();
  expect(run({ image })).toThrow(ShapeError);
  expect(run({ image })).toThrow('input input: expected [1, 3, 2, 2]');
  expect(run({ input: seeded([1, 3, 2, 1], 1) })).toThrow('input input: expected [1, 3, 2, 2], found [1, 3, 2, 1]');
});

test('progress is the share of the multiply-adds that are done, after each node', () => {
  const graph = createModel('senet/se_resnet8_cifar10', { size: 8 });
  const heard: number[] = [];
  const interpreter = reference(syntheticWeights(graph, { seed: 1 }), { input: syntheticTensor('input', [1, 3, 8, 8], 1) });
  const outputs = evaluate(graph, interpreter, { progress: (done) => heard.push(done) });
  expect(outputs).toEqual(evaluate(graph, interpreter));
  expect(heard.length).toBe(graph.nodes.length);
  expect(heard).toEqual(heard.toSorted((a, b) => a - b));
  const first = graph.nodes.findIndex(({ op }) => op === 'conv2d');
  expect(heard[first]).toBe((8 * 8 * 9 * 3 * 16) / count(graph).macs);
  expect([heard[first - 1], heard.at(-1)]).toEqual([0, 1]);
});

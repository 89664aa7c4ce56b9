import { expect, test } from 'vitest';
import { InputError, PlanError, ShapeError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { parameters } from '../../src/graph/count.js';
import { readers } from '../../src/graph/graph.js';
import { add, bn, conv, globalAvgPool, linear, relu } from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import type { Value } from '../../src/ops/op.js';

const gated = (x: Value): Value => {
  const u = squeezeExcite(x, 'first.se', { squeezed: 1, gate: 'gate' });
  return linear(globalAvgPool(squeezeExcite(u, 'second.se', { squeezed: 1, gate: 'gate' })), 'fc', 2);
};

test('a graph lists its nodes so that each comes after what it reads', () => {
  const { nodes, outputs } = build([1, 3, 4, 4], (x) => relu(add(x, bn(conv(x, 'conv', { out: 3, kernel: 3 }), 'bn'))));
  expect(nodes.map(({ op }) => op)).toEqual(['input', 'param', 'conv2d', 'param', 'param', 'param', 'param', 'batchNorm', 'add', 'relu']);
  for (const [index, { id, inputs }] of nodes.entries()) {
    expect(id).toBe(index);
    for (const input of inputs) expect(input).toBeLessThan(id);
  }
  expect([...outputs]).toEqual([['logits', nodes.length - 1]]);
});

test('readers lists who reads a node, twice if it is read twice', () => {
  const graph = build([1, 1, 2, 2], (x) => add(relu(x), add(x, x)));
  expect(readers(graph)).toEqual([[1, 2, 2], [3], [3], []]);
});

test('gates are outputs if asked for: all in order of the network, or some in the order asked', () => {
  const names = (gates: boolean | readonly string[] = false) => [...build([1, 2, 3, 3], gated, { gates }).outputs.keys()];
  expect(names()).toEqual(['logits']);
  expect(names(true)).toEqual(['logits', 'first.se.gate', 'second.se.gate']);
  expect(names(['second.se.gate', 'first.se.gate'])).toEqual(['logits', 'second.se.gate', 'first.se.gate']);
  expect(() => names(['frist.se.gate'])).toThrow(InputError);
  expect(() => names(['frist.se.gate'])).toThrow(/no gate is called frist\.se\.gate \(did you mean first\.se\.gate/);
});

test('parameters: in order of use, but what is registered last comes last', () => {
  const { graph, names } = (() => {
    const graph = build([1, 2, 3, 3], (x) => {
      const shortcut = conv(x, 'block.downsample.0', { out: 2, kernel: 1 });
      const u = conv(conv(x, 'block.downsample2', { out: 2, kernel: 1 }), 'block.conv', { out: 2, kernel: 1 });
      x.graph.registerLast('block.downsample');
      return linear(globalAvgPool(add(u, shortcut)), 'fc', 1);
    });
    return { graph, names: parameters(graph).map(({ name }) => name) };
  })();
  expect(names).toEqual(['block.downsample2.weight', 'block.conv.weight', 'block.downsample.0.weight', 'fc.weight', 'fc.bias']);
  expect(graph.parameters.map((id) => graph.nodes[id]?.op)).toEqual(names.map(() => 'param'));
});

test('two parameters of one name are a PlanError', () => {
  const twice = (x: Value): Value => conv(conv(x, 'conv', { out: 3, kernel: 1 }), 'conv', { out: 3, kernel: 1 });
  expect(() => build([1, 3, 4, 4], twice)).toThrow(PlanError);
  expect(() => build([1, 3, 4, 4], twice)).toThrow('two parameters are called conv.weight');
});

test('shapes that do not fit are a ShapeError where they meet', () => {
  expect(() => build([1, 3, 4, 4], (x) => add(x, globalAvgPool(x)))).toThrow(ShapeError);
  expect(() => build([1, 3, 4, 4], (x) => add(x, globalAvgPool(x)))).toThrow('add: a [1, 3, 4, 4], b [1, 3]');
});

import { expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import { count, macsOf, parameters } from '../../src/graph/count.js';
import { bn, conv, globalAvgPool, linear, relu } from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import type { Value } from '../../src/ops/op.js';

/** On [N, 4, 8, 8]: a grouped 3×3 convolution to 6 channels at stride 2, its norm, a gate through 2 channels, 10 classes. */
const network = (x: Value): Value => {
  const u = relu(bn(conv(x, 'conv', { out: 6, kernel: 3, stride: 2, groups: 2 }), 'bn'));
  return linear(globalAvgPool(squeezeExcite(u, 'se', { squeezed: 2, gate: 'gate' })), 'fc', 10);
};

test('by hand: parameters without running statistics, MACs of convolutions and linear layers', () => {
  const [convolution, norm, squeeze, excite, classifier] = [6 * 2 * 9, 2 * 6, 2 * 6 + 2, 6 * 2 + 6, 10 * 6 + 10];
  expect(count(build([1, 4, 8, 8], network))).toEqual({
    params: convolution + norm + squeeze + excite + classifier,
    macs: 6 * 4 * 4 * 2 * 9 + 2 * 6 + 6 * 2 + 10 * 6,
  });
});

test('MACs are for the whole batch', () => {
  const [one, three] = [1, 3].map((N) => count(build([N, 4, 8, 8], network)));
  expect(three).toEqual({ params: one?.params, macs: 3 * (one?.macs ?? 0) });
});

test('macsOf a node; parameters by name and shape', () => {
  const graph = build([1, 4, 8, 8], network);
  const macs = new Map(graph.nodes.map((node) => [node.op, macsOf(graph, node)]));
  expect([macs.get('conv2d'), macs.get('batchNorm'), macs.get('scale')]).toEqual([6 * 4 * 4 * 2 * 9, 0, 0]);
  expect(parameters(graph)).toEqual([
    { name: 'conv.weight', shape: [6, 2, 3, 3] },
    ...['weight', 'bias', 'running_mean', 'running_var'].map((norm) => ({ name: `bn.${norm}`, shape: [6] })),
    { name: 'se.fc1.weight', shape: [2, 6, 1, 1] },
    { name: 'se.fc1.bias', shape: [2] },
    { name: 'se.fc2.weight', shape: [6, 2, 1, 1] },
    { name: 'se.fc2.bias', shape: [6] },
    { name: 'fc.weight', shape: [10, 6] },
    { name: 'fc.bias', shape: [10] },
  ]);
});

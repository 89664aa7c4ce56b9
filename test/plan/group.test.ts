import { describe, expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { createModel, listModels } from '../../src/models/index.js';
import { add, bn, conv, globalAvgPool, linear, relu, scale, sigmoid } from '../../src/models/layers.js';
import type { Node, NodeId } from '../../src/ops/op.js';
import { group } from '../../src/plan/group.js';

const nodeAt = (graph: Graph, id: NodeId): Node => graph.nodes[id] as Node;
const signatures = (graph: Graph): readonly string[] => group(graph).map((members) => members.map((id) => nodeAt(graph, id).op).join(' '));

function tally(names: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

test('ResNet-50 is 72 calls', () => {
  expect(tally(signatures(createModel('torchvision/resnet50')))).toEqual({
    input: 1,
    'conv2d batchNorm relu': 33,
    maxPool2d: 1,
    'conv2d batchNorm': 20,
    'add relu': 16,
    globalAvgPool: 1,
    linear: 1,
  });
});

test('SE-ResNet-50 squeezes, excites in one call, and gates, adds and rectifies in another', () => {
  expect(tally(signatures(createModel('timm/legacy_seresnet50')))).toEqual({
    input: 1,
    'conv2d batchNorm relu': 33,
    maxPool2d: 1,
    'conv2d batchNorm': 20,
    'linear relu linear sigmoid': 16,
    'scale add relu': 16,
    globalAvgPool: 17,
    linear: 1,
  });
});

const networks = listModels().flatMap(({ id }) => [false, true].map((gates) => ({ id, gates })));
describe.each(networks)('$id, gates $gates', ({ id, gates }) => {
  const graph = createModel(id, { gates });
  const groups = group(graph);

  test('every computed node is in one group', () => {
    const computed = graph.nodes.filter(({ op }) => op !== 'param').map((node) => node.id);
    expect(groups.flat().sort((a, b) => a - b)).toEqual(computed);
  });

  test('a group comes after what it reads, and its members in order', () => {
    const done = new Set(graph.nodes.filter(({ op }) => op === 'param').map((node) => node.id));
    const early: NodeId[] = [];
    for (const members of groups)
      for (const member of members) {
        if (nodeAt(graph, member).inputs.some((input) => !done.has(input))) early.push(member);
        done.add(member);
      }
    expect(early).toEqual([]);
  });

  test('what is read or asked for outside its group is the last value it makes', () => {
    const outputs = new Set(graph.outputs.values());
    const seen: NodeId[] = [];
    for (const members of groups)
      for (const inner of members.slice(0, -1)) {
        const outside = graph.nodes.some(({ id: reader, inputs }) => inputs.includes(inner) && !members.includes(reader));
        if (outputs.has(inner) || outside) seen.push(inner);
      }
    expect(seen).toEqual([]);
  });
});

describe('what rides', () => {
  test('an add behind the later of its operands, whichever comes first', () => {
    const graph = build([1, 3, 4, 4], (x) => {
      const gate = globalAvgPool(x);
      const shortcut = scale(x, gate);
      return add(scale(x, gate), shortcut);
    });
    expect(signatures(graph)).toEqual(['input', 'globalAvgPool', 'scale', 'scale add']);
  });

  test('nothing behind a value that others read', () => {
    const graph = build([1, 3, 4, 4], (x) => {
      const u = conv(x, 'a', { out: 3, kernel: 1 });
      return add(relu(u), u);
    });
    expect(signatures(graph)).toEqual(['input', 'conv2d', 'relu', 'add']);
  });

  test('an add of a value to itself starts a group', () => {
    const graph = build([1, 3, 4, 4], (x) => {
      const u = conv(x, 'a', { out: 3, kernel: 1 });
      return relu(add(u, u));
    });
    expect(signatures(graph)).toEqual(['input', 'conv2d', 'add relu']);
  });

  test('no add behind a convolution', () => {
    const graph = build([1, 3, 4, 4], (x) => add(relu(conv(x, 'a', { out: 3, kernel: 1 })), x));
    expect(signatures(graph)).toEqual(['input', 'conv2d relu', 'add']);
  });

  test('no squeeze behind a convolution', () => {
    const graph = build([1, 3, 4, 4], (x) => {
      const u = conv(x, 'a', { out: 3, kernel: 1 });
      return add(globalAvgPool(u), globalAvgPool(u));
    });
    expect(signatures(graph)).toEqual(['input', 'conv2d', 'globalAvgPool', 'globalAvgPool', 'add']);
  });

  test('an excitation whose hidden layer is read elsewhere is two calls', () => {
    const graph = build([1, 3, 4, 4], (x) => {
      const hidden = relu(linear(globalAvgPool(x), 'fc1', 3));
      return scale(x, add(sigmoid(linear(hidden, 'fc2', 3)), hidden));
    });
    expect(signatures(graph)).toEqual(['input', 'globalAvgPool', 'linear relu', 'linear sigmoid', 'add', 'scale']);
  });

  test('a gate that is asked for is never swallowed', () => {
    // Were it not asked for, all of this would be one call.
    const graph = build(
      [1, 3, 4, 4],
      (x) => {
        const u = conv(x, 'a', { out: 3, kernel: 1 });
        x.graph.gate('a.gate', u);
        return relu(bn(u, 'bn'));
      },
      { gates: ['a.gate'] },
    );
    expect(signatures(graph)).toEqual(['input', 'conv2d', 'batchNorm relu']);
  });
});

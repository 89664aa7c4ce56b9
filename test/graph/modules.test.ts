import { describe, expect, test } from 'vitest';
import type { Graph } from '../../src/graph/graph.js';
import { modulesOf } from '../../src/graph/modules.js';
import { createModel, listModels } from '../../src/models/index.js';
import type { Node } from '../../src/ops/op.js';

/** The node whose value a module returns, and the first that it reads. */
function lookUp(graph: Graph) {
  const { returns, reused } = modulesOf(graph);
  const nodeOf = (path: string): Node | undefined => graph.nodes[returns.get(path) ?? -1];
  return { returns, reused, nodeOf, readBy: (path: string): Node | undefined => graph.nodes[nodeOf(path)?.inputs[0] ?? -1] };
}

/** Networks whose blocks are `layerS.B` and end in a ReLU. */
const torchvisionNamed = listModels().filter(
  ({ family, id }) => ['resnet', 'resnext', 'senet'].includes(family) && !/^(pytorchcv|senet)\//.test(id), // those have `features.stageS.unitB`
);

describe.each(torchvisionNamed.map(({ id }) => id))('%s', (id) => {
  const graph = createModel(id, { gates: true });
  const { returns, nodeOf, readBy } = lookUp(graph);
  const blocks = [...returns.keys()].filter((path) => /^layer[1-4]\.\d+$/.test(path));

  test('a block returns what the next one reads, a stage what its last block does', () => {
    blocks.slice(1).forEach((next, i) => {
      expect(readBy(`${next}.conv1`), next).toBe(nodeOf(blocks[i] as string));
    });
    for (const stage of [1, 2, 3, 4])
      expect(returns.get(`layer${stage}`)).toBe(returns.get(blocks.findLast((path) => path.startsWith(`layer${stage}.`)) as string));
    expect(readBy('avgpool')).toBe(nodeOf('layer4'));
  });

  test('a block adds what its last layer or gate returns to what its shortcut returns, or its own operand', () => {
    for (const block of blocks) {
      const sum = readBy(block);
      const branch = [`${block}.se_module`, `${block}.se`, `${block}.bn3`, `${block}.relu2`].find((path) => returns.has(path)) as string;
      const shortcut = returns.get(`${block}.downsample`) ?? nodeOf(`${block}.conv1`)?.inputs[0];
      const basic = !returns.has(`${block}.bn3`) && !/se/.test(branch);
      expect([sum?.op, sum?.inputs], block).toEqual(['add', [returns.get(basic ? `${block}.bn2` : branch), shortcut]]);
    }
  });

  test('a gate scales what its squeeze reads by what its sigmoid returns', () => {
    for (const gate of graph.outputs.keys()) {
      if (gate === 'logits') continue;
      const se = gate.slice(0, gate.lastIndexOf('.'));
      const squeeze = nodeOf(`${se}.avg_pool`);
      expect([squeeze?.op, nodeOf(se)?.op], se).toEqual(['globalAvgPool', 'scale']);
      expect(nodeOf(se)?.inputs).toEqual([squeeze?.inputs[0], graph.outputs.get(gate)]);
    }
  });
});

test.each([
  [
    'torchvision/resnet50',
    { relu: 'relu', maxpool: 'maxPool2d', 'layer1.0.downsample.1': 'batchNorm', avgpool: 'globalAvgPool', fc: 'linear' },
  ],
  [
    'timm/seresnet50',
    { act1: 'relu', 'layer1.0.act3': 'relu', 'layer1.0.se.act': 'relu', 'layer1.0.se.gate': 'sigmoid', global_pool: 'globalAvgPool' },
  ],
  [
    'timm/legacy_seresnet50',
    { 'layer0.relu1': 'relu', pool0: 'maxPool2d', layer0: 'relu', 'layer1.0.se_module.relu': 'relu', last_linear: 'linear' },
  ],
  [
    'pytorchcv/seresnet18',
    {
      'features.init_block.conv.activ': 'relu',
      'features.stage1.unit1.body.conv1': 'relu',
      'features.stage1.unit1.body': 'batchNorm',
      'features.stage1.unit1.se.pool': 'globalAvgPool',
      'features.stage1.unit1.se': 'scale',
      'features.stage1.unit1.activ': 'relu',
    },
  ],
])('%s: modules without parameters go by the names of its library', (id, expected) => {
  const { nodeOf } = lookUp(createModel(id, { gates: true }));
  expect(Object.fromEntries(Object.keys(expected).map((path) => [path, nodeOf(path)?.op]))).toEqual(expected);
});

test('a ReLU that a block uses again has no node, its uses by number have', () => {
  const { returns, reused } = lookUp(createModel('torchvision/resnet50'));
  expect([returns.has('layer1.0.relu'), reused.has('layer1.0.relu'), reused.has('relu')]).toEqual([false, true, false]);
  expect(returns.get('layer1.0.relu3')).toBe(returns.get('layer1.0'));
});

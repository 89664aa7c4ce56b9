import { expect, test } from 'vitest';
import { equalised, pairsOf } from '../../experiments/equalise.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';

test.each([
  ['senet/resnet8_cifar10', 32, 3],
  ['torchvision/mobilenet_v3_small', 32, 5],
] as const)('%s: equalised channels are other weights of the same function, to the bit', (id, size, pairs) => {
  const graph = createModel(id, { size });
  const weights = syntheticWeights(graph, { seed: 5, gain: 1 });
  const changed = equalised(graph, weights);
  expect(pairsOf(graph).length).toBe(pairs);
  const touched = [...changed].filter(([name, { data }]) => !data.every((value, i) => value === weights.get(name)?.data[i]));
  expect(touched.length).toBeGreaterThan(0);
  expect(pairsOf(graph).flatMap(({ gives, reads }) => [...gives, reads])).toEqual(expect.arrayContaining(touched.map(([name]) => name)));
  const input = syntheticTensor('input', [1, 3, size, size], 9);
  const logits = [weights, changed].map((tensors) => evaluate(graph, reference(tensors, { input })).get('logits'));
  expect(logits[1]).toEqual(logits[0]);
});

test('where a function is no ReLU, or others read the value, nothing is changed', () => {
  const graph = createModel('torchvision/efficientnet_b0', { size: 32 });
  for (const { first } of pairsOf(graph)) expect(first).not.toMatch(/\.block\.[01]\.0\.weight$/); // SiLU stands behind these
});

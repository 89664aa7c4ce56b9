import { expect, test } from 'vitest';
import { casesOf, isolate } from '../../bench/kernels/cases.js';
import { resultName, resultText } from '../../bench/result.js';
import { count } from '../../src/graph/count.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';

test('each kernel and kind of convolution of the networks has a case that holds it', () => {
  const cases = casesOf([createModel('legacy_seresnet50'), createModel('legacy_seresnext50_32x4d')]);
  const kernels = new Set(cases.map(({ kernel }) => kernel));
  for (const kernel of ['nchwToNhwc', 'conv', 'maxPool', 'squeeze', 'mean', 'dense', 'scaleAddRelu'] as const)
    expect(kernels).toContain(kernel);
  const names = cases.map(({ name }) => name).join('\n');
  for (const kind of ['conv 7×7 stride 2', 'conv 1×1 ', 'conv 3×3 ', 'conv 3×3 grouped', 'dense']) expect(names).toContain(kind);
});

test('an isolated step computes what its nodes compute in the network', () => {
  const network = createModel('resnet18', { size: 32, classes: 3 });
  const [head] = network.nodes.filter(({ op }) => op === 'linear');
  const graph = isolate(network, [head?.id ?? 0]);
  expect(count(graph).macs).toBe(512 * 3);
  const [input] = graph.nodes.filter((node) => node.op === 'input');
  const { name, shape } = input?.attrs ?? { name: '', shape: [] };
  const weights = syntheticWeights(graph, { seed: 7 });
  expect([...weights.keys()]).toEqual(['fc.weight', 'fc.bias']);
  const logits = evaluate(graph, reference(weights, { [name]: syntheticTensor('input', shape, 7) })).get('logits');
  expect(logits?.shape).toEqual([1, 3]);
});

test('a result is JSON of a line a row, fractions to four digits, named by date and processor', () => {
  const host = { cpu: 'AMD EPYC (9B45)', cores: 2, memoryGiB: 4, node: '20', v8: '11', instructions: 'SIMD' };
  const start = { model: 'm', engine: 'senet', variant: 'strict', runtime: 'Node 20', coldStartMs: 12.34567, packageBytes: 3226959 };
  const text = resultText({ date: '2026-11-24', command: 'npm run bench', host, rounds: { 1: 21 }, rows: [], starts: [start] });
  expect(JSON.parse(text)).toMatchObject({ host, starts: [{ coldStartMs: 12.35, packageBytes: 3226959 }] });
  expect(text.split('\n').filter((line) => line.includes('"senet"'))).toHaveLength(1);
  expect(resultName({ date: '2026-11-24', host })).toBe('2026-11-24-amd-epyc-9b45.json');
});

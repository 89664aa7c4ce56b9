import { describe, expect, test } from 'vitest';
import { InputError, PlanError } from '../../src/errors.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { excitations } from '../../src/graph/excitations.js';
import { withInputs } from '../../src/graph/given.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel, listModels } from '../../src/models/index.js';
import type { Node } from '../../src/ops/op.js';
import type { Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';

const graph = createModel('senet/se_resnet8_cifar10', { size: 8, gates: true });
const gates = [...graph.outputs.keys()].filter((name) => name !== 'logits');
const weights = syntheticWeights(graph, { seed: 1 });
const input = syntheticTensor('input', [1, 3, 8, 8], 1);
const whole = evaluate(graph, reference(weights, { input }));

describe('a network whose gates are handed in', () => {
  const chosen = withInputs(graph, gates);
  const asInputs = (gate: (name: string) => Tensor): Readonly<Record<string, Tensor>> =>
    Object.fromEntries([['input', input] as const, ...gates.map((name) => [name, gate(name)] as const)]);

  test('says with its own gates what it said', () => {
    expect(gates.length).toBe(3);
    const own = evaluate(
      chosen,
      reference(
        weights,
        asInputs((name) => whole.get(name) as Tensor),
      ),
    );
    expect([...own]).toEqual([['logits', whole.get('logits')]]);
  });

  test('has no excitations, but all parameters', () => {
    const read = chosen.nodes.flatMap(({ inputs }) => inputs).map((id) => (chosen.nodes[id] as Node).attrs);
    expect(read.filter((attrs) => 'name' in attrs && attrs.name.includes('.se.fc'))).toEqual([]);
    expect(chosen.parameters.length).toBe(graph.parameters.length);
  });

  test('is compiled as any other: gates of one are a network without them', async () => {
    const plain = createModel('senet/se_resnet8_cifar10', { size: 8, se: false });
    const kept = new Map([...weights].filter(([name]) => !name.includes('.se.')));
    const options = { kernels: 'strict', algorithms: 'direct', tile: '4x8' } as const;
    using host = await compile(plain, kept, options);
    using session = await compile(chosen, weights, options);
    const ones = asInputs((name) => {
      const { shape, data } = whole.get(name) as Tensor;
      return { shape, data: new Float32Array(data.length).fill(1) };
    });
    expect(session.run(ones)).toEqual(host.run(input));
  });
});

test('a stage too may be handed in: what led to it is gone', () => {
  const head = withInputs(createModel('senet/se_resnet8_cifar10', { size: 8 }), ['layer3']);
  const { shape } = head.nodes.find(({ op, attrs }) => op === 'input' && 'name' in attrs && attrs.name === 'layer3') as Node;
  expect(head.nodes.filter(({ op }) => op === 'conv2d')).toEqual([]);
  const stage = evaluate(createModel('senet/se_resnet8_cifar10', { size: 8, features: ['layer3'] }), reference(weights, { input })).get(
    'layer3',
  ) as Tensor;
  expect(shape).toEqual(stage.shape);
  expect(evaluate(head, reference(weights, { input, layer3: stage })).get('logits')).toEqual(whole.get('logits'));
});

test.each([['layer9'], ['layer1.0.relu']])('%s, which does not run once, is refused by name', (name) => {
  expect(() => withInputs(graph, [name])).toThrow(InputError);
  expect(() => withInputs(graph, [name])).toThrow(name);
});

test('what is no graph is refused', () => expect(() => withInputs({} as never, [])).toThrow(PlanError));

describe('excitations', () => {
  test.each(listModels().map(({ id }) => id))('%s: one per gate that scales channels, each of them read from the graph', (id) => {
    const network = createModel(id, { gates: true });
    const named = [...network.outputs].filter(([, gate]) => network.nodes.some(({ op, inputs }) => op === 'scale' && inputs[1] === gate));
    const found = excitations(network);
    expect(found.map(({ name, gate }) => [name, gate])).toEqual(named);
    const published = new Set(network.parameters.map((p) => (network.nodes[p] as Node<'param'>).attrs.name));
    for (const { squeezed, hidden, gate, reduce, expand } of found) {
      const [z, h, s] = [squeezed, hidden, gate].map((node) => (network.nodes[node] as Node).shape);
      expect(z).toEqual(s);
      expect((h as readonly number[])[1]).toBeLessThanOrEqual((s as readonly number[])[1] as number);
      for (const name of [reduce.weight, expand.weight]) expect(published.has(name)).toBe(true);
    }
  });

  test('without gates there are none', () => expect(excitations(createModel('resnet18'))).toEqual([]));
});

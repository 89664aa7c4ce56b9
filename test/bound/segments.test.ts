import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Checked, checkSegments, type Dumped } from '../../src/bound/segments.js';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { add, bn, conv, globalAvgPool, linear, maxPool2d, named, relu } from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import type { Value } from '../../src/ops/op.js';
import type { Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { seeded, seeds } from '../support/arbitraries.js';
import type { Weights } from '../support/engines.js';

const image = [1, 3, 13, 12];

/** A stem, a block with a shortcut, one with a gate, a classifier. */
const graph: Graph = build(
  image,
  (input) => {
    let x = relu(bn(conv(input, 'conv1', { out: 8, kernel: 3 }), 'bn1'));
    x = named(maxPool2d(x, { kernel: 3, stride: 2, padding: 1, rounding: 'floor' }), 'maxpool');
    const block = (x: Value, name: string, residual: Value): Value => {
      const u = bn(
        conv(relu(bn(conv(x, `${name}.conv1`, { out: 12, kernel: 1 }), `${name}.bn1`)), `${name}.conv2`, { out: 12, kernel: 3 }),
        `${name}.bn2`,
      );
      return named(relu(add(squeezeExcite(u, `${name}.se`, { squeezed: 3, gate: 'gate' }), residual)), name);
    };
    x = block(x, 'layer1.0', bn(conv(x, 'layer1.0.downsample.0', { out: 12, kernel: 1 }), 'layer1.0.downsample.1'));
    x = block(x, 'layer1.1', x);
    return linear(globalAvgPool(x), 'fc', 5);
  },
  { gates: true },
);

const names = [...(graph.modules?.keys() ?? [])].sort((a, b) => idOf(a) - idOf(b));
const layers = names.filter((name) => /(conv\d|bn\d|fc\d?|downsample\.\d)$/.test(name));

function idOf(name: string): number {
  return graph.modules?.get(name)?.[0] as number;
}

/** What our kernels compute at each of these modules, one kernel a node. */
async function dump(weights: Weights, input: Tensor, which: readonly string[], of = graph): Promise<readonly Dumped[]> {
  using session = await compile({ ...of, outputs: new Map(which.map((name) => [name, idOf(name)])) }, weights, { kernels: 'strict' });
  return [...session.run(input)].map(([name, tensor]) => ({ name, id: idOf(name), tensor }));
}

const beyond = (checked: readonly Checked[]): readonly string[] => checked.filter(({ ratio }) => ratio > 1).map(({ name }) => name);

/** One channel of a layer, a hundredth off. */
function spoiled(weights: Weights, layer: string): Weights {
  const { shape, data } = weights.get(`${layer}.weight`) as Tensor;
  const wrong = Float32Array.from(data, (value, i) => (i < data.length / (shape[0] as number) ? value * 1.01 : value));
  return new Map([...weights, [`${layer}.weight`, { shape, data: wrong }]]);
}

/** Behind a ReLU that lets nothing through weights have no say. */
function idle(layer: string, run: readonly Dumped[]): boolean {
  const before = run.find(({ name }) => layer.endsWith('.fc2') && name === layer.replace('.fc2', '.fc1'));
  return before?.tensor.data.every((value) => value <= 0) ?? false;
}

describe('checkSegments', () => {
  test('whatever part of a correct run is dumped is within its bounds, and each tensor is a line in the order of the graph', async () => {
    await fc.assert(
      fc.asyncProperty(fc.subarray(names, { minLength: 1 }), seeds(), async (which, seed) => {
        const [weights, input] = [syntheticWeights(graph, { seed }), seeded(image, seed)];
        const checked = checkSegments(graph, weights, input, (await dump(weights, input, which)).toReversed());
        expect(checked.map(({ name }) => name)).toEqual(which);
        expect(beyond(checked)).toEqual([]);
      }),
      { numRuns: 30 },
    );
  });

  test('of a run with one wrong layer, that layer is beyond, and none behind it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...layers), seeds(), async (layer, seed) => {
        const [weights, input] = [syntheticWeights(graph, { seed }), seeded(image, seed)];
        const run = await dump(spoiled(weights, layer), input, names);
        fc.pre(!idle(layer, run));
        expect(beyond(checkSegments(graph, weights, input, run))).toEqual([layer]);
      }),
    );
  });

  test('a batch norm with an epsilon of 1e-3 is beyond, and none behind it', async () => {
    const norms = layers.filter((name) => /bn\d|downsample\.1/.test(name));
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...norms), seeds(), async (layer, seed) => {
        const [weights, input] = [syntheticWeights(graph, { seed }), seeded(image, seed)];
        const nodes = graph.nodes.map((node) =>
          node.op === 'batchNorm' && node.id === idOf(layer) ? { ...node, attrs: { eps: 1e-3 } } : node,
        );
        const checked = checkSegments(graph, weights, input, await dump(weights, input, names, { ...graph, nodes }));
        expect(beyond(checked)).toEqual([layer]);
      }),
    );
  });

  test('says what a tensor was recomputed from, the ops between, and where it is furthest off', async () => {
    const [weights, input] = [syntheticWeights(graph, { seed: 1 }), seeded(image, 1)];
    const run = await dump(weights, input, ['maxpool', 'layer1.0', 'layer1.1.bn2', 'layer1.1', 'fc']);
    const off = run.map(({ name, id, tensor }) => {
      if (name !== 'layer1.1') return { name, id, tensor };
      const data = tensor.data.slice();
      data[(2 * 7 + 3) * 6 + 4] = 1000;
      return { name, id, tensor: { shape: tensor.shape, data } };
    });
    const checked = checkSegments(graph, weights, input, off);
    expect(checked.map(({ name, from }) => [name, from])).toEqual([
      ['maxpool', ['input']],
      ['layer1.0', ['maxpool']],
      ['layer1.1.bn2', ['layer1.0']],
      ['layer1.1', ['layer1.0', 'layer1.1.bn2']],
      ['fc', ['layer1.1']],
    ]);
    expect(checked[3]?.ops).toEqual(['globalAvgPool', 'linear', 'relu', 'linear', 'sigmoid', 'scale', 'add', 'relu']);
    expect(checked[3]?.at).toMatchObject({ index: [0, 2, 3, 4], found: 1000 });
    const at = (checked[3] as Checked).at as NonNullable<Checked['at']>;
    expect([at.error, checked[3]?.ratio]).toEqual([1000 - at.expected, at.error / at.bound]);
  });
});

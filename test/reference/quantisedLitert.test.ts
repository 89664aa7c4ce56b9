import { describe, expect, test } from 'vitest';
import { compileLitert } from '../../reference/engines/litert.js';
import { UnsupportedError, WeightsError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { quantisedAgreement } from '../../src/measure/bench.js';
import { add, bn, conv, globalAvgPool, hardSwish, linear, maxPool2d, relu, silu, tanh } from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import type { Node } from '../../src/ops/op.js';
import type { Quantisation } from '../../src/ops/quantised/quantisation.js';
import { lookupOf, observe } from '../../src/quant/calibrate.js';
import { quantisedWith } from '../../src/quant/graph.js';
import { quantisedWeights } from '../../src/quant/weights.js';
import { decibels } from '../../src/stats/error.js';
import type { Tensor } from '../../src/tensor.js';
import { compareEngines, namedValues, withValues } from '../../src/verify/nodewise.js';
import { compile } from '../../src/wasm/session.js';

/** What a quantised network of the zoo has that TensorFlow Lite has, and two gates and a SiLU, which it has not. */
const graph = build(
  [1, 3, 21, 21],
  (image) => {
    let x = relu(bn(conv(image, 'stem', { out: 16, kernel: 3, stride: 2 }), 'stem.bn'));
    x = maxPool2d(x, { kernel: 3, stride: 2, padding: 1, rounding: 'floor' });
    x = hardSwish(bn(conv(x, 'a', { out: 24, kernel: 1 }), 'a.bn'));
    const y = conv(x, 'b', { out: 24, kernel: 3, groups: 24, padding: 1 });
    x = relu(add(y, x));
    x = relu(add(squeezeExcite(conv(x, 'c', { out: 24, kernel: 3, padding: 1 }), 'se', { squeezed: 4, gate: 'sigmoid' }), x));
    x = squeezeExcite(silu(conv(x, 'd', { out: 16, kernel: 1 })), 'last', { squeezed: 4, gate: 'sigmoid' });
    return linear(hardSwish(linear(globalAvgPool(x), 'fc1', 12)), 'fc2', 8);
  },
  { gates: false },
);

async function quantised(float: Graph, image: Tensor) {
  const weights = syntheticWeights(float, { seed: 5, gain: 1.2 });
  async function* images(): AsyncGenerator<Tensor, void, undefined> {
    yield image;
  }
  const observed = await observe(float, weights, images(), (given, tensors) => compile(given, tensors, { tile: '4x8' }));
  const made = quantisedWith(float, lookupOf(observed, 'min-max'), new Set());
  return { graph: made.graph, weights: quantisedWeights(float, made, weights) };
}

const most = ({ scale, range: [lowest, highest] }: Quantisation): number => scale * (highest - lowest);

/**
 * In quanta of the result, what a composed op rounds beside ours: a gate is off by 1/256 at most, where it is 1, of a value no larger than its range; before a
 * residual the product is rounded to half a quantum of the value.
 */
function composed({ op, attrs }: Node): number {
  if (op === 'quantisedPointwise' && attrs.of === 'silu') return most(attrs.x) / 256 / attrs.y.scale;
  if (op !== 'quantisedScale') return 0;
  return (most(attrs.u) / 256 + (attrs.residual ? attrs.u.scale / 2 : 0)) / attrs.y.scale;
}

/** What the integers of a value stand for, of ops that make some. */
const madeAs = (node: Node): Quantisation | undefined => (node.attrs as { readonly y?: Quantisation }).y;

describe('a quantised network as int8 on LiteRT.js', async () => {
  const image = syntheticTensor('input', [1, 3, 21, 21], 4);
  const made = await quantised(graph, image);

  test('every integer is one that engines may give; of what is composed, within what that rounds', async () => {
    const wholes = made.graph.nodes.filter((node) => node.op !== 'param' && madeAs(node) !== undefined);
    const named: Graph = { ...made.graph, modules: new Map(wholes.map(({ id }) => [`value ${id}`, [id]])) };
    const values = namedValues(named).filter(({ name }) => name.startsWith('value'));
    const session = await compileLitert(withValues(named, values), made.weights);
    expect(session).toMatchObject({ engine: 'litert', composed: true });
    const told = new Map([...(await session.run(image))].filter(([name]) => values.some((value) => value.name === name)));
    await session.dispose();
    const run = {
      engine: 'litert',
      version: session.version,
      values: told,
      outputs: evaluate(named, reference(made.weights, { input: image })),
    };
    const { tensors } = compareEngines(named, made.weights, image, [run]);
    const rows = tensors.flatMap(({ name, engines }) => {
      const node = named.nodes[Number(name.replace('value ', ''))] as Node;
      // a ratio of 1 is half a quantum and more
      return engines.litert ? [[node.op, engines.litert.ratio, 1 + 2 * composed(node)] as const] : [];
    });
    expect(rows.filter(([, ratio, limit]) => !(ratio <= limit))).toEqual([]);
    expect(rows.map(([op]) => op).sort()).toEqual(wholes.map(({ op }) => op).sort());
  });
});

test('its logits agree with ours as integers do, and stay as they were', async () => {
  const image = syntheticTensor('input', [1, 3, 21, 21], 4);
  const made = await quantised(graph, image);
  const session = await compileLitert(made.graph, made.weights);
  const { data } = (await session.run({ input: image })).get('logits') as Tensor;
  const ours = evaluate(made.graph, reference(made.weights, { input: image })).get('logits') as Tensor;
  expect(decibels(data, ours.data)).toBeGreaterThan(quantisedAgreement);
  await session.run(syntheticTensor('input', [1, 3, 21, 21], 5));
  expect((await session.run(image)).get('logits')?.data).toEqual(data);
  await session.dispose();
});

test('a value that is told under two names is told twice, and a mean that only its integers read is told too', async () => {
  const image = syntheticTensor('input', [1, 3, 21, 21], 4);
  const made = await quantised(graph, image);
  const mean = made.graph.nodes.findLast(({ op }) => op === 'quantisedGlobalAvgPool') as Node;
  const asked = withValues(made.graph, [
    { name: 'mean', id: mean.id },
    { name: 'again', id: made.graph.outputs.get('logits') as number },
  ]);
  const session = await compileLitert(asked, made.weights);
  const told = await session.run(image);
  await session.dispose();
  expect(told.get('again')).toEqual(told.get('logits'));
  const ours = evaluate(asked, reference(made.weights, { input: image }));
  for (const [name, { data }] of ours) expect(decibels(told.get(name)?.data ?? [], data), name).toBeGreaterThan(quantisedAgreement);
});

test('what it has no operator for is named', async () => {
  const image = syntheticTensor('input', [1, 3, 6, 6], 4);
  const other = build([1, 3, 6, 6], (x) => linear(globalAvgPool(tanh(conv(x, 'a', { out: 4, kernel: 3 }))), 'fc', 2));
  const made = await quantised(other, image);
  await expect(compileLitert(made.graph, made.weights)).rejects.toThrow(UnsupportedError);
  await expect(compileLitert(made.graph, made.weights)).rejects.toThrow('litert has no table of tanh');
  await expect(compileLitert(made.graph, new Map())).rejects.toThrow(WeightsError);
});

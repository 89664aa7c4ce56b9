import { describe, expect, test } from 'vitest';
import { InputError, WeightsError } from '../../src/errors.js';
import { checkGraph } from '../../src/graph/check.js';
import { parameters } from '../../src/graph/count.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel, findModel, listModels } from '../../src/models/index.js';
import { type GraphRunner, lookupOf, observe, recipeOf } from '../../src/quant/calibrate.js';
import { excitationLayers } from '../../src/quant/chains.js';
import { quantisedWith } from '../../src/quant/graph.js';
import { noiseOf } from '../../src/quant/noise.js';
import { activationRange, quantisationFor } from '../../src/quant/recipe.js';
import { quantisedWeights } from '../../src/quant/weights.js';
import type { Tensor } from '../../src/tensor.js';
import { planOf } from '../../src/wasm/planOf.js';
import { compile } from '../../src/wasm/session.js';
import { long, some } from '../support/length.js';

const any = (_: number, wide: boolean) => quantisationFor(-1, 1, wide);

/** A network of each kind, and each network where there is time. */
const kinds = new Map(listModels().map((model) => [`${model.family} ${model.se} ${model.version}`, model]));
const models = long ? listModels() : some([...kinds.values()], 1);

test.each(models.map(({ id }) => id))('%s has a quantised form: every layer, the same outputs, a quarter of the weights', (id) => {
  const graph = createModel(id);
  const { graph: quantised, layers } = quantisedWith(graph, any, new Set());
  checkGraph(quantised);
  const weighted = graph.nodes.filter(({ op }) => op === 'conv2d' || op === 'linear');
  expect(layers).toHaveLength(weighted.length);
  expect(quantised.nodes.filter((node) => node.op === 'param' && node.attrs.dtype === 'int8')).toHaveLength(weighted.length);
  const shapeOf = ({ nodes, outputs }: Graph) => [...outputs].map(([name, output]) => [name, nodes[output]?.shape]);
  expect(shapeOf(quantised)).toEqual(shapeOf(graph));
  const bytesOf = ({ nodes }: Graph): number =>
    nodes.reduce(
      (sum, node) => (node.op === 'param' ? sum + node.shape.reduce((a, b) => a * b, node.attrs.dtype === 'int8' ? 1 : 4) : sum),
      0,
    );
  expect(bytesOf(quantised) / bytesOf(graph)).toBeLessThan(0.28);
  // what is multiplied has 7 bits: every engine agrees on its products
  for (const node of quantised.nodes)
    if (node.op === 'quantisedConv2d' || node.op === 'quantisedLinear') expect(node.attrs.x.range).toEqual(activationRange);
  planOf(quantised, { tile: '4x8' });
});

const id = 'pytorchcv/seresnet20_cifar10';
const graph = createModel(id);
const weights = syntheticWeights(graph, { seed: 3, gain: 1.2 });
async function* pictures(count: number): AsyncGenerator<Tensor, void, undefined> {
  for (let i = 0; i < count; i++) yield syntheticTensor('input', [1, 3, 32, 32], i + 1);
}
const engine: GraphRunner = (given, tensors) => compile(given, tensors, { tile: '4x8' });

describe('a network that is calibrated', async () => {
  const observed = await observe(graph, weights, pictures(4), engine);
  const lookup = lookupOf(observed, 'mean-square');

  test('is near to the float one; layers that stay floats leave no noise', async () => {
    const all = await noiseOf(graph, weights, lookup, new Set(), pictures(2), engine);
    expect(all.logits).toBeGreaterThan(20);
    expect(all.logits).toBeLessThan(60);
    expect(all.layers.size).toBe(graph.nodes.filter(({ op }) => op === 'conv2d' || op === 'linear').length);
    const layers = [...all.layers.keys()];
    const none = await noiseOf(graph, weights, lookup, new Set(layers), pictures(1), engine);
    expect([none.logits, none.layers.size, none.agreement]).toEqual([Infinity, 0, 1]);
    const apart = await noiseOf(graph, weights, lookup, new Set(), pictures(2), engine, true);
    // an excitation's few hidden units may be all but 0
    for (const [name, own] of apart.layers) if (!name.includes('.se.')) expect([name, own > 20]).toEqual([name, true]);
    expect(apart.layers.get('output') ?? 0).toBeGreaterThan(all.layers.get('output') ?? Infinity);
  });

  test('is what its recipe says, whatever the batch and the outputs, and its bits on the kernels are those of the reference', async () => {
    const recipe = recipeOf(graph, lookup, new Set(['layer1.0.conv1', 'features.init_block.conv']));
    const again = JSON.parse(JSON.stringify(recipe));
    const made = quantisedWith(graph, lookup, new Set(recipe.float));
    expect(createModel(id, { quantised: again })).toEqual(made.graph);
    const tensors = quantisedWeights(graph, made, weights);
    expect([...tensors.keys()]).toEqual(parameters(made.graph).map(({ name }) => name));
    const two = createModel(id, { quantised: again, batch: 2, gates: true });
    const images = [1, 2].map((seed) => syntheticTensor('input', [1, 3, 32, 32], seed));
    const both = { shape: [2, 3, 32, 32], data: Float32Array.from(images.flatMap(({ data }) => [...data])) };
    using session = await compile(two, tensors, { tile: '4x8' });
    const outputs = session.run(both);
    expect(outputs.size).toBe(1 + 9);
    expect(() => session.run({ ...both, data: both.data.map((value, i) => (i === 7 ? Number.NaN : value)) })).toThrow(
      'input input is NaN at index 7',
    );
    using alone = await compile(made.graph, tensors, { tile: '4x8' });
    const rows = images.flatMap((image) => [...(alone.run(image).get('logits') as Tensor).data]);
    expect([...(outputs.get('logits') as Tensor).data]).toEqual(rows);
    const exact = evaluate(made.graph, reference(tensors, { input: images[0] as Tensor })).get('logits') as Tensor;
    // gates are floats: where their last bit differs an integer may be the next one
    const noise = [...exact.data].reduce((sum, value, i) => sum + (value - (rows[i] as number)) ** 2, 0);
    const signal = [...exact.data].reduce((sum, value) => sum + value ** 2, 0);
    expect(10 * Math.log10(signal / noise)).toBeGreaterThan(35);
  });

  test('another method chooses other ranges', () => {
    const recipes = (['min-max', 'percentile', 'mean-square'] as const).map((method) =>
      recipeOf(graph, lookupOf(observed, method), new Set()),
    );
    expect(new Set(recipes.map((recipe) => JSON.stringify(recipe))).size).toBe(3);
  });

  test('a recipe of another network is refused', () => {
    const recipe = recipeOf(graph, lookup, new Set());
    expect(() => createModel('pytorchcv/seresnet56_cifar10', { quantised: recipe })).toThrow(InputError);
    expect(() => createModel('timm/mobilenetv3_small_100', { quantised: recipe })).toThrow('it is of another network');
    expect(() => findModel(id).create({ quantised: recipe } as never)).toThrow('quantised must be left to createModel(id, { quantised })');
    for (const wrong of [{}, { values: {}, float: [1] }, { values: { 'relu.1': [0, 0, 0, 127] }, float: [] }, { ...recipe, more: 1 }])
      expect(() => createModel(id, { quantised: wrong as never })).toThrow('quantised must be a recipe');
  });
});

test('a layer that is 0 all the time is exact: no NaN stands among the decibels', async () => {
  const name = [...weights.keys()].find((key) => key.endsWith('conv1.conv.weight')) as string;
  const dead = new Map(weights);
  for (const [key, { shape, data }] of weights)
    if (key === name || key.startsWith(name.replace(/conv\.weight$/, 'bn')))
      dead.set(key, { shape, data: data.map(key.endsWith('var') ? () => 1 : () => 0) as Float32Array });
  const observed = await observe(graph, dead, pictures(2), engine);
  const found = await noiseOf(graph, dead, lookupOf(observed, 'mean-square'), new Set(), pictures(1), engine, true);
  const decibels = [...found.layers.values()];
  expect(decibels.filter(Number.isNaN)).toEqual([]);
  expect(decibels).toContain(Infinity);
});

test('numbers that are not finite are an error that names the layer', async () => {
  const broken = new Map(weights);
  const name = [...weights.keys()].find((key) => key.endsWith('conv1.conv.weight')) as string;
  const { shape, data } = weights.get(name) as Tensor;
  broken.set(name, { shape, data: data.map(() => 1e38) as Float32Array });
  await expect(observe(graph, broken, pictures(1), engine)).rejects.toThrow(/is -?(Infinity|NaN|\d).* on a picture of the calibration/);
  const made = quantisedWith(graph, any, new Set());
  broken.set(name, { shape, data: data.map(() => Number.NaN) as Float32Array });
  expect(() => quantisedWeights(graph, made, broken)).toThrow(WeightsError);
});

test('an excitation is two layers behind every squeeze', () => {
  expect(excitationLayers(graph).size).toBe(2 * 9);
  expect(excitationLayers(createModel('timm/resnet18')).size).toBe(0);
});

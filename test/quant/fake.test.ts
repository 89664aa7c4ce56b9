import { describe, expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import { parameters } from '../../src/graph/count.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { grad } from '../../src/graph/grad.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel, listModels } from '../../src/models/index.js';
import type { Node, NodeId, Value } from '../../src/ops/op.js';
import { foldNorm, type Norm } from '../../src/plan/fold.js';
import { recipeOf } from '../../src/quant/calibrate.js';
import { fakeQuantised } from '../../src/quant/fake.js';
import { quantisedGraph, quantisedWith, scaleName } from '../../src/quant/graph.js';
import { lookupIn, quantisationFor } from '../../src/quant/recipe.js';
import { quantisedWeights, roundedWeights } from '../../src/quant/weights.js';
import { map, type Tensor } from '../../src/tensor.js';
import { crossEntropy } from '../../src/train/loss.js';
import { planOf } from '../../src/wasm/planOf.js';
import { long, some } from '../support/length.js';

/** A network of each kind, and each network where there is time. */
const kinds = new Map(listModels().map((model) => [`${model.family} ${model.se} ${model.version}`, model]));
const models = long ? listModels() : some([...kinds.values()], 1);

test.each(models.map(({ id }) => id))('%s: each value that has integers is rounded once, and the whole has gradients and a plan', (id) => {
  const graph = createModel(id);
  const recipe = recipeOf(graph, (_, wide) => quantisationFor(-1, 1, wide), new Set());
  const fake = fakeQuantised(graph, recipe);
  expect(fake.nodes.filter(({ op }) => op === 'fakeQuantise')).toHaveLength(Object.keys(recipe.values).length);
  expect(parameters(fake)).toEqual(parameters(graph));
  planOf(grad(fake, crossEntropy), { tile: '4x8' });
});

/** One of each form that a quantised network has, without the roundings of float32: no batch norm, and gates that are powers of two. */
function network(): Graph {
  return build([2, 3, 6, 6], (image) => {
    const { graph } = image;
    const param = (name: string, shape: readonly number[]): Value => graph.emit('param', [], { name, shape, trainable: true });
    const conv = (x: Value, name: string, outputs: number, kernel: number): Value => {
      const edge = (kernel - 1) / 2;
      const attrs = { stride: [1, 1], padding: [edge, edge, edge, edge], dilation: [1, 1], groups: 1 } as const;
      const filter = [outputs, x.shape[1] as number, kernel, kernel];
      return graph.emit('conv2d', [x, param(`${name}.weight`, filter), param(`${name}.bias`, [outputs])], attrs);
    };
    const stem = graph.emit('relu', [conv(image, 'stem', 4, 3)], {});
    const swish = graph.emit('hardSwish', [conv(stem, 'swish', 4, 1)], {});
    const u = conv(swish, 'u', 4, 3);
    const squeezed = graph.emit('globalMaxPool', [u], {});
    const gate = graph.emit('relu6', [graph.emit('linear', [squeezed, param('gate.weight', [4, 4])], {})], {});
    const gated = graph.emit('relu', [graph.emit('add', [graph.emit('scale', [u, gate], {}), stem], {})], {});
    const sum = graph.emit('relu', [graph.emit('add', [gated, swish], {})], {});
    const joined = graph.emit('concat', [sum, stem], {});
    const pooled = graph.emit('maxPool2d', [joined], { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], rounding: 'floor' });
    const plane = graph.emit('linear', [pooled, param('hidden.weight', [5, 8 * 9]), param('hidden.bias', [5])], {});
    const hidden = graph.emit('relu', [plane], {});
    return graph.emit('linear', [hidden, param('fc.weight', [3, 5]), param('fc.bias', [3])], {});
  });
}

/** Multiples of 2⁻⁷ below 1, so that the largest of each output channel is 127 of them: its scale is 2⁻⁷, but for what rounding does. */
function exactWeights(graph: Graph, seed: number): ReadonlyMap<string, Tensor> {
  return new Map(
    parameters(graph).map(({ name, shape }) => {
      const drawn = map(syntheticTensor(`${name}.input`, shape, seed), (value) => Math.round(value * 100) / 128);
      const each = drawn.data.length / (shape[0] as number);
      const data = drawn.data.map((value, i) => (shape.length > 1 && i % each === 0 ? 127 / 128 : value));
      return [name, { shape, data }];
    }),
  );
}

describe('what is trained is what the integers compute', () => {
  const graph = network();
  const recipe = recipeOf(graph, (_, wide) => ({ ...quantisationFor(-2, 2, wide), scale: wide ? 2 ** -5 : 2 ** -4 }), new Set());
  test.each([1, 2, 3, 4])('exactly, where scales are powers of two: draw %i', (seed) => {
    const weights = exactWeights(graph, seed);
    const quantised = quantisedWith(graph, lookupIn(graph, recipe), new Set());
    const rounded = roundedWeights(graph, quantised, weights);
    const input = syntheticTensor('input', [2, 3, 6, 6], seed);
    const logits = evaluate(fakeQuantised(graph, recipe), reference(rounded, { input })).get('logits') as Tensor;
    const integers = quantisedWeights(graph, quantised, weights);
    const expected = evaluate(quantisedGraph(graph, recipe), reference(integers, { input })).get('logits') as Tensor;
    expect(Array.from(logits.data)).toEqual(Array.from(expected.data));
    const float = evaluate(graph, reference(weights, { input })).get('logits') as Tensor;
    expect(Array.from(float.data)).not.toEqual(Array.from(logits.data));
  });
});

test('rounded weights are their integers, batch norm folded in; a channel that is multiplied by 0 keeps its own', () => {
  const id = 'pytorchcv/seresnet20_cifar10';
  const graph = createModel(id);
  const recipe = recipeOf(graph, (_, wide) => quantisationFor(-1, 1, wide), new Set(['features.init_block.conv']));
  const quantised = quantisedWith(graph, lookupIn(graph, recipe), new Set(recipe.float));
  const weights = new Map(syntheticWeights(graph, { seed: 3 }));
  const { inputs } = graph.nodes.find(({ op }) => op === 'batchNorm') as Node<'batchNorm'>;
  const { name } = (graph.nodes[inputs[1] as NodeId] as Node<'param'>).attrs;
  const gammas = weights.get(name) as Tensor;
  weights.set(name, { ...gammas, data: gammas.data.map((value, o) => (o === 1 ? 0 : value)) });
  const rounded = roundedWeights(graph, quantised, weights);
  const integers = quantisedWeights(graph, quantised, weights);
  const again = quantisedWeights(graph, quantised, rounded);
  const operand = (norm: Node<'batchNorm'>, i: number): Tensor =>
    weights.get((graph.nodes[norm.inputs[i] as NodeId] as Node<'param'>).attrs.name) as Tensor;
  for (const layer of quantised.layers) {
    const { norm: of } = layer;
    const [gamma, beta, mean, variance] = of === undefined ? [] : [1, 2, 3, 4].map((i) => operand(of, i));
    const vectors = of && ({ gamma, beta, mean, variance, eps: of.attrs.eps } as Norm);
    const { factor } = foldNorm(layer.outputs, vectors, undefined);
    const [own, found, whole] = [weights, rounded, integers].map((tensors) => tensors.get(layer.weight) as Tensor);
    const scales = integers.get(scaleName(layer.weight)) as Tensor;
    const each = (own?.data.length as number) / layer.outputs;
    expect(again.get(layer.weight)).toEqual(whole);
    const expected = whole?.data.map((integer, i) => {
      const o = Math.floor(i / each);
      return factor[o] === 0 ? (own?.data[i] as number) : (integer * (scales.data[o] as number)) / (factor[o] as number);
    });
    expect(found?.data).toEqual(expected);
  }
  for (const [name, tensor] of weights) if (!quantised.layers.some(({ weight }) => weight === name)) expect(rounded.get(name)).toBe(tensor);
});

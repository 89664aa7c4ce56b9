import { expect, test } from 'vitest';
import { grad } from '../../src/graph/grad.js';
import type { Graph } from '../../src/graph/graph.js';
import { training } from '../../src/graph/training.js';
import { createModel, listModels } from '../../src/models/index.js';
import type { Node, OpName } from '../../src/ops/op.js';
import { chooseAlgorithms } from '../../src/plan/algorithms.js';
import { costs } from '../../src/plan/costs.js';
import { lower } from '../../src/plan/lower.js';
import { packingSize } from '../../src/plan/pack.js';
import type { Algorithms, Tile } from '../../src/plan/plan.js';
import { sizeOf } from '../../src/tensor.js';
import { crossEntropy } from '../../src/train/index.js';
import { type CompileOptions, tiles } from '../../src/wasm/options.js';
import { planOf } from '../../src/wasm/planOf.js';

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const checkpoint = (graph: Graph): number => sum(graph.parameters.map((id) => sizeOf((graph.nodes[id] as Node).shape)));

/** Floats of packed weights; tables of addresses apart. */
function packed(graph: Graph, algorithms: Algorithms, tile = tiles['6x8']): number {
  const { weights } = lower(graph, { tile, threads: 1, algorithms });
  return sum([...weights.values()].filter(({ kind }) => kind === 'panels' || kind === 'winograd').map(packingSize));
}

test('direct packs each weight once, padded; fast stays within twice the checkpoint', () => {
  for (const { id } of listModels()) {
    const graph = createModel(id);
    expect(packed(graph, 'direct') / checkpoint(graph), id).toBeLessThan(1.05);
    for (const { tile } of costs) expect(packed(graph, 'fast', tile) / checkpoint(graph), id).toBeLessThanOrEqual(2);
  }
});

test.each(costs)('fast filters the wide 3x3 convolutions of stride 1 and no other (tile $tile.rows by $tile.columns)', ({ tile }) => {
  const graph = createModel('legacy_seresnet50');
  const chosen = chooseAlgorithms(graph, 'fast', tile);
  expect(chosen.size).toBeGreaterThan(0);
  for (const id of chosen.keys()) {
    const { op, attrs, inputs } = graph.nodes[id] as Node<'conv2d'>;
    expect([op, attrs.stride, attrs.groups]).toEqual(['conv2d', [1, 1], 1]);
    expect((graph.nodes[inputs[1] as number] as Node).shape.slice(2)).toEqual([3, 3]);
  }
  expect(chooseAlgorithms(graph, 'direct', tile).size).toBe(0);
  expect(chooseAlgorithms(createModel('resnext50_32x4d'), 'fast', tile).size).toBe(0);
});

test('a step of training filters only where it is asked to: convolutions and the gradients of their inputs, of enough pixels for their filters', () => {
  const step = (name: string, batch: number): Graph => grad(training(createModel(name, { batch })), crossEntropy);
  const cifar = step('pytorchcv/resnet20_cifar10', 128);
  const kernels = (options: CompileOptions) => planOf(cifar, options).steps.map(({ kernel }) => kernel);
  expect(kernels({})).toEqual(kernels({ algorithms: 'direct' }));
  expect(kernels({})).not.toContain('packFilters');
  expect(kernels({ algorithms: 'fast' })).toContain('packFilters');
  const filtered = (graph: Graph): readonly OpName[] =>
    [...chooseAlgorithms(graph, 'fast', tiles['6x16'], true).keys()].map((id) => (graph.nodes[id] as Node).op);
  for (const tile of Object.values(tiles))
    expect(chooseAlgorithms(cifar, 'fast', tile, true)).toEqual(chooseAlgorithms(cifar, 'fast', tiles['6x16'], true));
  expect(filtered(cifar)).toEqual([...Array(10).fill('conv2d'), ...Array(10).fill('conv2dGradInput')]); // of 32 and of 64 channels
  expect(filtered(step('legacy_seresnet50', 1)).length).toBeLessThan(filtered(step('legacy_seresnet50', 16)).length);
});

test('a tile that was not measured goes by the nearest of its width', () => {
  const graph = createModel('legacy_seresnet50');
  const chosen = (tile: Tile) => [...chooseAlgorithms(graph, 'fast', tile)];
  expect(chosen(tiles['4x8'])).toEqual(chosen(tiles['5x8']));
  expect(chosen(tiles['4x16'])).toEqual(chosen(tiles['6x16']));
  expect(chosen(tiles['6x8'])).not.toEqual(chosen(tiles['5x8']));
});

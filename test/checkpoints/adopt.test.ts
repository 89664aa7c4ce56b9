import { expect, test } from 'vitest';
import { adopt, openCheckpoint } from '../../src/checkpoints/index.js';
import { WeightsError } from '../../src/errors.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { Tensor } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';

const graph = createModel('se_resnet8_cifar10');
const weights = syntheticWeights(graph, { seed: 3 });
const adopted = async (tensors: ReadonlyMap<string, Tensor>, network = graph) =>
  adopt(await openCheckpoint(saveSafetensors(tensors)), network);

test('all of a network for as many classes, whatever trainers put in front and in whatever order', async () => {
  const trainers = new Map([...weights].reverse().map(([name, tensor]) => [`module.${name}`, tensor]));
  const { weights: found, left } = await adopted(trainers);
  expect([...found]).toEqual([...weights]);
  expect(left).toEqual([]);
});

test('all but the head for other classes', async () => {
  const { weights: found, left } = await adopted(weights, createModel('se_resnet8_cifar10', { classes: 3 }));
  expect(left).toEqual(['fc.weight', 'fc.bias']);
  expect([...found]).toEqual([...weights].filter(([name]) => !left.includes(name)));
});

const without = (name: string) => new Map([...weights].filter(([key]) => key !== name));
test.each([
  ['a tensor missing', without('layer1.0.bn2.running_var'), 'layer1.0.bn2.running_var is missing'],
  ['a head missing', without('fc.bias'), 'fc.bias is missing'],
  ['one too many', new Map([...weights, ['aux.weight', seeded([1], 1)]]), "aux.weight is not the network's"],
  ['another shape', new Map([...weights, ['conv1.weight', seeded([16, 3, 5, 5], 1)]]), 'conv1.weight is [16, 3, 5, 5], not [16, 3, 3, 3]'],
  ['a head on other features', new Map([...weights, ['fc.weight', seeded([7, 32], 1)]]), 'fc.weight is [7, 32], not [10, 64]'],
])('%s is a WeightsError that says so', async (_, tensors, message) => {
  const error = await adopted(tensors as ReadonlyMap<string, Tensor>).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WeightsError);
  expect(String(error)).toContain(message);
});

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { compare } from '../../src/bound/compare.js';
import { InputError, ShapeError, WeightsError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { loadSafetensors } from '../../src/io/safetensors.js';
import { bn, conv, globalAvgPool, linear, relu } from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import { type Tensor, tensor } from '../../src/tensor.js';

/** PyTorch's weights of the network below, and what its modules returned (test/fixtures/library). */
const read = (name: string) => loadSafetensors(readFileSync(new URL(`../fixtures/library/${name}.safetensors`, import.meta.url)));
const weights = read('weights');
const dump = read('dump');
const graph = build([1, 3, 16, 16], (image) => {
  let x = squeezeExcite(relu(bn(conv(image, 'conv1', { out: 8, kernel: 3 }), 'bn1')), 'se1', { squeezed: 2 });
  x = relu(bn(conv(x, 'conv2', { out: 16, kernel: 3, stride: 2 }), 'bn2'));
  return linear(globalAvgPool(squeezeExcite(x, 'se2', { squeezed: 4 })), 'fc', 2);
});

test("every module of PyTorch's is within its bound", () => {
  const { tensors, first, leftOut, unknown } = compare(graph, weights, dump);
  expect(tensors.length).toBe(dump.size - 1);
  expect(tensors.every(({ ratio }) => ratio <= 1)).toBe(true);
  expect([first, leftOut, unknown]).toEqual([undefined, [], []]);
});

test.each(['conv1', 'se1.fc1', 'bn2', 'se2.fc2', 'fc'])('a wrong %s is the first beyond, whatever comes behind', (layer) => {
  const wrong = weights.get(`${layer}.weight`) as Tensor;
  const spoiled = new Map(weights).set(`${layer}.weight`, { ...wrong, data: wrong.data.map((value) => value * 1.01) });
  const heard: string[] = [];
  const { tensors, first } = compare(graph, spoiled, dump, { progress: (name) => heard.push(name) });
  expect(first?.name).toBe(layer);
  expect(tensors.filter(({ ratio }) => ratio > 1)).toEqual([first]);
  expect(heard).toEqual(tensors.map(({ name }) => name));
});

describe('what cannot be compared is told', () => {
  const without = (name: string) => new Map([...dump].filter(([each]) => each !== name));
  const flat = tensor([1, 2], [0, Number.NaN]);

  test.each([
    ['no image', weights, without('input'), InputError, 'dump: tensor input, the image, is missing'],
    [
      'an image of another size',
      weights,
      new Map(dump).set('input', tensor([1, 3, 1, 1], [0, 0, 0])),
      ShapeError,
      'input input: expected [1, 3, 16, 16]',
    ],
    [
      'a tensor of another shape',
      weights,
      new Map(dump).set('fc', tensor([1, 3], [0, 0, 0])),
      ShapeError,
      'dump: tensor fc: expected [1, 2], found [1, 3]',
    ],
    ['a value that is none', weights, new Map(dump).set('fc', flat), InputError, 'dump: tensor fc: value 1 is NaN'],
    [
      'a weight that is none',
      new Map(weights).set('fc.bias', tensor([2], [0, Number.NaN])),
      dump,
      WeightsError,
      'weights: tensor fc.bias: value 1 is NaN',
    ],
    ['weights that are missing', new Map([...weights].slice(1)), dump, WeightsError, 'tensor conv1.weight is missing'],
    [
      'no tensor of its',
      weights,
      new Map([
        ['input', dump.get('input') as Tensor],
        ['conv3', tensor([1], [0])],
      ]),
      InputError,
      'conv3 is no module (did you mean conv1',
    ],
    ['no Map', weights, Object.fromEntries(dump) as never, InputError, 'new Map(Object.entries(tensors))'],
  ] as const)('%s', (_, given, dumped, kind, message) => {
    expect(() => compare(graph, given, dumped)).toThrow(kind);
    expect(() => compare(graph, given, dumped)).toThrow(message);
  });

  test('names that have no place are listed', () => {
    const { unknown, tensors } = compare(graph, weights, new Map(dump).set('head', tensor([1], [0])));
    expect([unknown, tensors.length]).toEqual([['head'], dump.size - 1]);
  });
});

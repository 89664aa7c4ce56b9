import { expect, test } from 'vitest';
import { build } from '../../src/graph/build.js';
import { parameters } from '../../src/graph/count.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { bn, conv, globalAvgPool, linear } from '../../src/models/layers.js';

/** Computed by a separate Python reading of assets/conformance/README.md: values at the ends, rounded to float32. */
// biome-ignore format: one line a tensor
const expected = [
  { name: 'input', shape: [1, 3, 224, 224], seed: 7, gain: 1, at: [0, 1, 2, 150527], values: [0.36420929431915283, 0.11559224128723145, 0.7613954544067383, 0.8948848247528076] },
  { name: 'input', shape: [1, 3, 224, 224], seed: 7, gain: 2, at: [0], values: [0.36420929431915283] },
  { name: 'conv1.weight', shape: [64, 3, 7, 7], seed: 7, gain: 1, at: [0, 1, 2, 9407], values: [-0.03376969322562218, -0.04640529677271843, 0.01642504706978798, -0.058548297733068466] },
  { name: 'conv1.weight', shape: [64, 3, 7, 7], seed: 7, gain: 1.7, at: [0, 1, 2, 9407], values: [-0.05740847811102867, -0.07888900488615036, 0.027922580018639565, -0.0995321050286293] },
  { name: 'fc.weight', shape: [10, 2048], seed: 11, gain: 0.5, at: [0, 1, 20479], values: [-0.004152650944888592, 0.017399758100509644, -0.01145971193909645] },
  { name: 'layer1.0.bn1.weight', shape: [64], seed: 7, gain: 1, at: [0, 1, 63], values: [1.0440787076950073, 1.0591413974761963, 1.0804530382156372] },
  { name: 'layer1.0.bn1.bias', shape: [64], seed: 7, gain: 1, at: [0, 1, 63], values: [-0.017010724171996117, 0.09241767227649689, -0.013060474768280983] },
  { name: 'layer1.0.bn1.running_mean', shape: [64], seed: 7, gain: 1, at: [0, 1, 63], values: [-0.06526634842157364, -0.08556272834539413, 0.08906947076320648] },
  { name: 'layer1.0.bn1.running_var', shape: [64], seed: 7, gain: 1, at: [0, 1, 63], values: [1.382644772529602, 0.599465548992157, 1.3407635688781738] },
  { name: 'fc.bias', shape: [1000], seed: 2147483648, gain: 1.5, at: [0, 1, 999], values: [-0.05051298066973686, -0.011229229159653187, 0.017013465985655785] },
  { name: 'café.ねこ.🐈.weight', shape: [2, 3], seed: -1, gain: 1, at: [0, 1, 5], values: [0.9417203664779663, 0.7305797338485718, -0.3933753967285156] },
] as const;

test.each(expected)('$name, seed $seed, gain $gain: as uniform-v1 defines it', ({ name, shape, seed, gain, at, values }) => {
  const { shape: found, data } = syntheticTensor(name, shape, seed, gain);
  expect(found).toEqual(shape);
  expect(data).toBeInstanceOf(Float32Array);
  expect(at.map((i) => data[i])).toEqual(values);
});

test('syntheticWeights gives every parameter of a graph, in order', () => {
  const graph = build([1, 3, 4, 4], (x) => linear(globalAvgPool(bn(conv(x, 'conv', { out: 2, kernel: 3 }), 'bn')), 'fc', 5));
  const weights = syntheticWeights(graph, { seed: 3, gain: 2 });
  expect([...weights]).toEqual(parameters(graph).map(({ name, shape }) => [name, syntheticTensor(name, shape, 3, 2)]));
  expect(syntheticWeights(graph, { seed: 3 }).get('fc.weight')).toEqual(syntheticTensor('fc.weight', [5, 2], 3, 1));
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { parameters } from '../../src/graph/count.js';
import { training } from '../../src/graph/training.js';
import { createModel } from '../../src/models/index.js';
import { bn, conv, globalAvgPool, linear } from '../../src/models/layers.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { clipByNorm, globalNorm } from '../../src/train/clip.js';
import { averageWeights } from '../../src/train/ema.js';
import { heWeights } from '../../src/train/initialise.js';
import type { Tensors } from '../../src/train/optimiser.js';
import { seeded, seeds } from '../support/arbitraries.js';

/** What is done to all tensors at once. */

const host = createModel('pytorchcv/seresnet20_cifar10');

test('He’s weights: every parameter of the graph; norms begin as the identity, biases at 0', () => {
  const weights = heWeights(host, 1);
  expect([...weights].map(([name, { shape }]) => ({ name, shape }))).toEqual(parameters(host));
  for (const [name, { shape, data }] of weights) {
    if (shape.length > 1) continue;
    const one = /bn\.weight$|running_var$/.test(name);
    expect(new Set(data), name).toEqual(new Set([Number(one)]));
  }
});

test('He’s weights: of mean 0, variance 2/n and the tails of a normal distribution', () => {
  const { data } = heWeights(host, 7).get('features.stage3.unit3.body.conv2.conv.weight') as Tensor;
  const [N, n] = [data.length, 64 * 9];
  const z = Float64Array.from(data, (value) => value / Math.sqrt(2 / n));
  const moment = (power: number): number => z.reduce((sum, value) => sum + value ** power, 0) / N;
  // The moments 0, 1, 0 and 3 of N normal numbers spread by √(1/N), √(2/N), √(15/N) and √(96/N): five times that is never seen.
  expect(Math.abs(moment(1))).toBeLessThan(5 * Math.sqrt(1 / N));
  expect(Math.abs(moment(2) - 1)).toBeLessThan(5 * Math.sqrt(2 / N));
  expect(Math.abs(moment(3))).toBeLessThan(5 * Math.sqrt(15 / N));
  expect(Math.abs(moment(4) - 3)).toBeLessThan(5 * Math.sqrt(96 / N));
});

test('He’s weights: the same for a seed, in either mode; others for another seed', () => {
  const small = build([2, 1, 2, 2], (x) => linear(globalAvgPool(bn(conv(x, 'conv', { out: 2, kernel: 3 }), 'bn')), 'fc', 3));
  expect(heWeights(small, 3)).toEqual(heWeights(small, 3));
  expect(heWeights(training(small), 3)).toEqual(heWeights(small, 3));
  expect(heWeights(small, 4)).not.toEqual(heWeights(small, 3));
});

const gradients: Tensors = new Map([
  ['a', tensor([2], [3, 0])],
  ['b', tensor([1, 1], [-4])],
]);

test('clipping: by hand', () => {
  expect(globalNorm(gradients)).toBe(5);
  expect(clipByNorm(gradients, 5)).toBe(gradients);
  expect(clipByNorm(gradients, 2.5)).toEqual(
    new Map([
      ['a', tensor([2], [1.5, 0])],
      ['b', tensor([1, 1], [-2])],
    ]),
  );
  expect(clipByNorm(new Map([['a', tensor([1], [0])]]), 0).get('a')).toEqual(tensor([1], [0]));
});

test('clipping: the norm is at most what was asked for, the direction stays', () => {
  fc.assert(
    fc.property(seeds(), fc.double({ min: 2 ** -10, max: 4, noNaN: true }), (seed, most) => {
      const before = new Map(['a', 'b'].map((name, i) => [name, seeded([3, 5], seed + i)]));
      const after = clipByNorm(before, most);
      const factor = Math.min(1, most / globalNorm(before));
      // Float32 rounds each value once, and the norm of 30 values no more than that.
      expect(globalNorm(after)).toBeLessThanOrEqual(most * (1 + 2 ** -24) + 30 * 2 ** -53);
      for (const [name, { data }] of before) expect(after.get(name)?.data).toEqual(data.map((value) => value * factor));
    }),
  );
});

test('moving average: by hand; a decay of 0 is the weights, of 1 the average', () => {
  const average = new Map([['a', tensor([2], [4, 8])]]);
  const weights = new Map([['a', tensor([2], [0, -8])]]);
  expect(averageWeights(average, weights, 0.75)).toEqual(new Map([['a', tensor([2], [3, 4])]]));
  expect(averageWeights(average, weights, 0)).toEqual(weights);
  expect(averageWeights(average, weights, 1)).toEqual(average);
  expect(average.get('a')).toEqual(tensor([2], [4, 8]));
  expect(() => averageWeights(new Map(), weights, 0.5)).toThrow(WeightsError);
});

import { expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { type AdamWOptions, type AdamWState, adamW } from '../../src/train/adamw.js';
import type { Tensors } from '../../src/train/optimiser.js';
import { expectNear, gradientAt, rates, start } from './steps.js';

function run(options: Omit<AdamWOptions, 'lr'>): readonly [Tensor, Tensor] {
  let weights: Tensors = start;
  let state: AdamWState | undefined;
  const seen = rates.map((lr, step) => {
    ({ weights, state } = adamW({ weights, gradients: gradientAt(step), state }, { lr, ...options }));
    return weights.get('p') as Tensor;
  });
  return [seen[1] as Tensor, seen.at(-1) as Tensor];
}

/** By PyTorch 1.13's torch.optim.AdamW in float64, the rate set before each step. */
test('agrees with PyTorch while the rate changes', () => {
  const [second, last] = run({ betas: [0.8, 0.95], eps: 1e-6, weightDecay: 0.05 });
  expectNear(second, [0.29788029886468487, -0.8051720802980253, 1.7821120544102012]);
  expectNear(last, [-0.23534288002339965, -0.9152454701883938, 1.649998778058526]);
});

test('has PyTorch’s defaults', () => {
  const [second, last] = run({});
  expectNear(second, [0.3025823135112531, -0.8109946121538623, 1.7972894279487421]);
  expectNear(last, [-0.2080049423185916, -0.8703899853096586, 1.6409581576336432]);
});

test('by hand: the first step is the rate, whatever the gradient’s size; the decay is not in the moments', () => {
  const weights = new Map([['p', tensor([2], [8, 8])]]);
  const gradients = new Map([['p', tensor([2], [1024, -0.25])]]);
  const { weights: after, state } = adamW({ weights, gradients }, { lr: 0.5, betas: [0.5, 0.5], eps: 0, weightDecay: 0.25 });
  expect(after.get('p')).toEqual(tensor([2], [7 - 0.5, 7 + 0.5]));
  expect(state.steps).toBe(1);
  expect(state.first.get('p')).toEqual(tensor([2], [512, -0.125]));
  expect(state.second.get('p')).toEqual(tensor([2], [2 ** 19, 2 ** -5]));
  expect(weights.get('p')).toEqual(tensor([2], [8, 8]));
});

test('a gradient of nothing is a WeightsError', () => {
  expect(() => adamW({ weights: new Map(), gradients: start }, { lr: 1 })).toThrow(WeightsError);
});

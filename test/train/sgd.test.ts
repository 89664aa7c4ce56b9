import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import type { Tensors } from '../../src/train/optimiser.js';
import { type SgdState, sgd } from '../../src/train/sgd.js';
import { expectNear, gradientAt, rates, start } from './steps.js';

/** The last weights after five steps at changing rates, and those after two. */
function run(options: Omit<Parameters<typeof sgd>[1], 'lr'>): readonly [Tensor, Tensor] {
  let weights: Tensors = start;
  let state: SgdState | undefined;
  const seen = rates.map((lr, step) => {
    ({ weights, state } = sgd({ weights, gradients: gradientAt(step), state }, { lr, ...options }));
    return weights.get('p') as Tensor;
  });
  return [seen[1] as Tensor, seen.at(-1) as Tensor];
}

/** By PyTorch 1.13's torch.optim.SGD in float64, the rate set before each step. */
describe('agrees with PyTorch while the rate changes', () => {
  test('momentum: the rate multiplies the buffer', () => {
    const [second, last] = run({ momentum: 0.9, weightDecay: 0.01 });
    expectNear(second, [0.4595605, -0.930131, 1.926727]);
    expectNear(last, [-0.03335206932211216, -0.9671410405259548, 1.7997110803857834]);
  });

  test('Nesterov', () => {
    const [second, last] = run({ momentum: 0.9, weightDecay: 0.01, nesterov: true });
    expectNear(second, [0.432632905, -0.89520191, 1.88512747]);
    expectNear(last, [-0.22579318935680492, -1.0851343828863642, 1.8718088150945433]);
  });

  test('no momentum', () => {
    const [second, last] = run({ weightDecay: 0.01 });
    expectNear(second, [0.4690105, -0.958031, 1.951027]);
    expectNear(last, [0.25358105419905896, -1.1139196928113169, 2.0511721217659376]);
  });
});

test('by hand, the convention: a rate of 0 still fills the buffer, and a later rate applies to all of it', () => {
  const weights = new Map([['p', tensor([1], [1])]]);
  const first = sgd({ weights, gradients: new Map([['p', tensor([1], [4])]]) }, { lr: 0, momentum: 0.5 });
  expect(first).toEqual({ weights, state: new Map([['p', tensor([1], [4])]]) });
  const second = sgd({ ...first, gradients: new Map([['p', tensor([1], [0])]]) }, { lr: 1, momentum: 0.5 });
  expect(second.weights).toEqual(new Map([['p', tensor([1], [-1])]]));
});

test('nothing given is written to; weights without a gradient are passed on', () => {
  const statistic = tensor([1], [7]);
  const weights = new Map([
    ['p', tensor([2], [1, 2])],
    ['running_mean', statistic],
  ]);
  const state = new Map([['p', tensor([2], [3, 4])]]);
  const gradients = new Map([['p', tensor([2], [5, 6])]]);
  const after = sgd({ weights, gradients, state }, { lr: 1, momentum: 1 });
  expect(after.weights.get('running_mean')).toBe(statistic);
  expect([...after.weights.keys()]).toEqual(['p', 'running_mean']);
  expect([weights.get('p'), state.get('p'), gradients.get('p')]).toEqual(
    [
      [1, 2],
      [3, 4],
      [5, 6],
    ].map((data) => tensor([2], data)),
  );
});

test('a gradient of nothing, or of another shape, is a WeightsError', () => {
  const weights = new Map([['p', tensor([2], [1, 2])]]);
  const step = (name: string, gradient: Tensor) => () => sgd({ weights, gradients: new Map([[name, gradient]]) }, { lr: 1 });
  expect(step('q', tensor([2], [0, 0]))).toThrow(WeightsError);
  expect(step('q', tensor([2], [0, 0]))).toThrow('tensor q is missing');
  expect(step('p', tensor([1], [0]))).toThrow('tensor p has another shape, expected [1], found [2]');
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { grad } from '../../src/graph/grad.js';
import { type Tensor, tensor, widen } from '../../src/tensor.js';
import { crossEntropy, targetsOf } from '../../src/train/loss.js';
import { extents, seeded, seeds } from '../support/arbitraries.js';
import { param } from '../support/graphs.js';

test('targets by hand: one-hot, and smoothed over all classes, the label among them', () => {
  expect(targetsOf([2, 0], 3)).toEqual(widen(tensor([2, 3], [0, 0, 1, 1, 0, 0])));
  expect(targetsOf([1], 4, 0.5)).toEqual(widen(tensor([1, 4], [0.125, 0.625, 0.125, 0.125])));
});

test.each([[[3]], [[-1]], [[0.5]], [[Number.NaN]]])('label %j of three classes is an InputError', (labels) => {
  expect(() => targetsOf(labels, 3)).toThrow(InputError);
});

test('a smoothing outside 0 to 1 is an InputError', () => {
  expect(() => targetsOf([0], 3, -0.1)).toThrow(InputError);
  expect(() => targetsOf([0], 3, 1.1)).toThrow('label smoothing must be from 0 to 1, not 1.1');
});

/** The loss and its gradient of logits that are the parameters. */
function lossOf(logits: Tensor, targets: Tensor): ReadonlyMap<string, Tensor> {
  const graph = grad(
    build([1], (x) => param(x, 'x', logits.shape)),
    crossEntropy,
  );
  return evaluate(graph, reference(new Map([['x', logits]]), { input: tensor([1], [0]), targets }));
}

/** By PyTorch 1.13's cross_entropy, label_smoothing 0.1, in float64. */
test('agrees with PyTorch, smoothed', () => {
  const outputs = lossOf(widen(tensor([2, 3], [1, 2, 3, 0, -1, 0.5])), targetsOf([2, 0], 3, 0.1));
  // biome-ignore format: the oracle's own digits
  const gradient = [0.02834861991852355, 0.10569756886073216, -0.13404618877925578, -0.30091718645462096, 0.04430915948819776, 0.25660802696642315];
  const errors = gradient.map((value, i) => Math.abs((outputs.get('x')?.data[i] as number) - value));
  // An exponential, a logarithm and a few sums of numbers below 4.
  const rounding = 4 * 8 * Number.EPSILON;
  expect(Math.abs((outputs.get('loss')?.data[0] as number) - 0.8142016182238877)).toBeLessThanOrEqual(rounding);
  expect(Math.max(...errors)).toBeLessThanOrEqual(rounding);
});

test('log K of equal logits, whatever the targets; logits of hundreds do not overflow', () => {
  fc.assert(
    fc.property(extents(3), extents(6), fc.integer({ min: -500, max: 500 }), seeds(), (N, K, logit, seed) => {
      const labels = Array.from({ length: N }, (_, n) => (seed + n) % K);
      const logits = { shape: [N, K], data: new Float64Array(N * K).fill(logit) };
      const loss = lossOf(logits, targetsOf(labels, K, 0.5)).get('loss')?.data[0] as number;
      // Off by the rounding of sums as large as the logit: one per class, one an image.
      expect(Math.abs(loss - Math.log(K))).toBeLessThanOrEqual((N + K + 4) * (Math.abs(logit) + 2) * Number.EPSILON);
    }),
  );
});

test('the gradient of an image sums to 0, since so do softmax − targets', () => {
  fc.assert(
    fc.property(extents(3), extents(6), seeds(), (N, K, seed) => {
      const targets = targetsOf(Array(N).fill(K - 1), K, 0.1);
      const { data } = lossOf(widen(seeded([N, K], seed)), targets).get('x') as Tensor;
      for (let n = 0; n < N; n++)
        expect(Math.abs([...data.subarray(n * K, (n + 1) * K)].reduce((sum, value) => sum + value, 0))).toBeLessThanOrEqual(
          8 * K * Number.EPSILON,
        );
    }),
  );
});

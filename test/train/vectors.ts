import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { grad } from '../../src/graph/grad.js';
import { prune } from '../../src/graph/prune.js';
import { training } from '../../src/graph/training.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { sizeOf, type Tensor, widen } from '../../src/tensor.js';
import { crossEntropy, targetsOf } from '../../src/train/loss.js';
import type { Tensors } from '../../src/train/optimiser.js';
import { type SgdState, sgd } from '../../src/train/sgd.js';
import { long } from '../support/length.js';
import { norm, relative, sgdOptions, summaryError, type Vectors } from './summary.js';

/** What training is held to in float64. */
const limit = 1e-6;

/** Six passes there and back, and one there: the reference does some 150 million products a second. */
const minutes = 1_200_000;

/** The network of a file of vectors, trained by the reference in float64. */
export function describeVectors(model: string): void {
  const vectors: Vectors = JSON.parse(readFileSync(new URL(`../fixtures/training/${model}.json`, import.meta.url), 'utf8'));
  const steps = long ? vectors.sgd.steps : 1; // each is a pass there and back
  const host = createModel(`pytorchcv/${vectors.model}`, { batch: vectors.input[0] as number });
  const graph = grad(training(host, { momentum: vectors.bn.momentum }), crossEntropy);
  const lossOnly = prune({ ...graph, outputs: new Map([...graph.outputs].filter(([name]) => name === 'loss')) });
  const input = widen(syntheticTensor('input', vectors.input, vectors.seed));
  const start = new Map([...syntheticWeights(host, vectors)].map(([name, x]) => [name, widen(x)]));
  const pass = (weights: Tensors, smoothing = 0, what = graph): Tensors =>
    evaluate(what, reference(weights, { input, targets: targetsOf(vectors.labels, 10, smoothing) }));
  const the = (values: Tensors, name: string): Tensor => values.get(name) as Tensor;
  const lossOf = (values: Tensors): number => the(values, 'loss').data[0] as number;

  describe(`${model} in float64`, () => {
    let first: Tensors;
    beforeAll(() => {
      first = pass(start);
    }, minutes);

    test('logits and loss', () => {
      const largest = Math.max(...vectors.logits.map(Math.abs));
      const errors = vectors.logits.map((value, i) => Math.abs((the(first, 'logits').data[i] as number) - value) / largest);
      expect(Math.max(...errors)).toBeLessThanOrEqual(limit);
      expect(relative(lossOf(first), vectors.loss)).toBeLessThanOrEqual(limit);
    });

    test('running statistics after one pass', () => {
      expect(vectors.runningStats.length).toBeGreaterThan(0);
      for (const { name, shape, ...summary } of vectors.runningStats) {
        expect(the(first, name).shape).toEqual(shape);
        expect(summaryError(the(first, name), summary), name).toBeLessThanOrEqual(limit);
      }
    });

    test('the gradient of every parameter', () => {
      const gradients = [...first.keys()].filter((name) => /\.(weight|bias)$/.test(name));
      expect(vectors.tensors.map(({ name }) => name)).toEqual(gradients);
      for (const { name, shape, grad } of vectors.tensors) {
        const found = the(first, name);
        expect(found.shape).toEqual(shape);
        expect(summaryError(found, grad), name).toBeLessThanOrEqual(limit);
        const sum = [...found.data].reduce((total, value) => total + value, 0);
        expect(Math.abs(sum - grad.sum) / (grad.norm * Math.sqrt(sizeOf(shape))), name).toBeLessThanOrEqual(limit);
      }
    });

    if (long)
      test(
        'the smoothed loss and its gradient',
        () => {
          const smoothed = pass(start, vectors.labelSmoothing);
          expect(relative(lossOf(smoothed), vectors.smoothedLoss)).toBeLessThanOrEqual(limit);
          for (const { name, smoothedGradNorm } of vectors.tensors)
            expect(relative(norm(the(smoothed, name)), smoothedGradNorm), name).toBeLessThanOrEqual(limit);
        },
        minutes,
      );

    test(
      `SGD, ${steps} of its ${vectors.sgd.steps} steps`,
      () => {
        let outputs = first;
        let weights: Tensors = start;
        let state: SgdState | undefined;
        const losses = [lossOf(first)];
        for (let step = 0; step < steps; step++) {
          const gradients = new Map(vectors.tensors.map(({ name }) => [name, the(outputs, name)]));
          ({ weights, state } = sgd({ weights, gradients, state }, sgdOptions(vectors)));
          outputs = pass(weights, 0, step + 1 < steps ? graph : lossOnly);
          losses.push(lossOf(outputs));
        }
        expect(losses).toHaveLength(steps + 1);
        losses.forEach((loss, i) => {
          expect(relative(loss, vectors.losses[i] as number), `before step ${i + 1}`).toBeLessThanOrEqual(limit);
        });
        expect(vectors.losses).toHaveLength(vectors.sgd.steps + 1);
        if (steps < vectors.sgd.steps) return;
        for (const { name, final } of vectors.tensors) expect(summaryError(the(weights, name), final), name).toBeLessThanOrEqual(limit);
      },
      minutes,
    );
  });
}

import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { grad } from '../../src/graph/grad.js';
import { training } from '../../src/graph/training.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { crossEntropy, targetsOf } from '../../src/train/loss.js';
import type { Tensors } from '../../src/train/optimiser.js';
import { type SgdState, sgd } from '../../src/train/sgd.js';
import { type KernelsBuild, supports } from '../../src/wasm/features.js';
import { compile } from '../../src/wasm/session.js';
import { relative, sgdOptions, summaryError, type Vectors } from './summary.js';

/** The kernels, in float32, against PyTorch's float64: the limits are what float32 programs reach. */
const limit = 2e-5;
const lossLimit = 1e-3;

const variants = (['strict', 'relaxed'] as const).filter(supports);

async function trained(model: string, kernels: KernelsBuild, threads: number) {
  const vectors: Vectors = JSON.parse(readFileSync(new URL(`../fixtures/training/${model}.json`, import.meta.url), 'utf8'));
  const host = createModel(`pytorchcv/${vectors.model}`, { batch: vectors.input[0] as number });
  const graph = grad(training(host, { momentum: vectors.bn.momentum }), crossEntropy);
  const start: Tensors = syntheticWeights(host, vectors);
  const session = await compile(graph, start, { kernels, threads });
  const inputs = { input: syntheticTensor('input', vectors.input, vectors.seed), targets: targetsOf(vectors.labels, 10) };
  return { vectors, session, start, run: () => session.run(inputs) };
}

const lossOf = (outputs: Tensors): number => outputs.get('loss')?.data[0] ?? Number.NaN;

describe.each(['resnet20_cifar10', 'seresnet20_cifar10'])('%s', (model) => {
  test.each(variants)('one step, %s: loss, logits, statistics and every gradient', async (variant) => {
    const { vectors, session, run } = await trained(model, variant, 1);
    const outputs = run();
    expect(relative(lossOf(outputs), vectors.loss)).toBeLessThanOrEqual(limit);
    for (const { name, ...summary } of vectors.runningStats)
      expect(summaryError(outputs.get(name), summary), name).toBeLessThanOrEqual(limit);
    for (const { name, grad: summary } of vectors.tensors)
      expect(summaryError(outputs.get(name), summary), name).toBeLessThanOrEqual(limit);
    session.dispose();
  });
});

test('five steps of SGD on the kernels: the losses of the SE network', async () => {
  const { vectors, session, start, run } = await trained('seresnet20_cifar10', 'strict', 1);
  let weights = start;
  let state: SgdState | undefined;
  const losses: number[] = [];
  for (let step = 0; step < vectors.losses.length; step++) {
    session.update(weights);
    const outputs = run();
    losses.push(lossOf(outputs));
    const gradients = new Map(vectors.tensors.map(({ name }) => [name, outputs.get(name) ?? expect.fail(name)]));
    ({ weights, state } = sgd({ weights, gradients, state }, sgdOptions(vectors)));
  }
  session.dispose();
  expect(losses.map((loss, i) => relative(loss, vectors.losses[i] as number) <= lossLimit)).toEqual(losses.map(() => true));
});

test('two threads compute the bits of one', async () => {
  const [one, two] = [await trained('seresnet20_cifar10', 'strict', 1), await trained('seresnet20_cifar10', 'strict', 2)];
  expect(two.session.threads).toBe(2);
  const [expected, found] = [one.run(), two.run()];
  for (const [name, { data }] of expected) expect(found.get(name)?.data, name).toEqual(data);
  one.session.dispose();
  two.session.dispose();
});

test('update: a tensor that the network lacks, or of another shape, is an error that names it', async () => {
  const { session, start } = await trained('resnet20_cifar10', 'strict', 1);
  const [name, tensor] = [...start][0] ?? expect.fail();
  expect(() => session.update(new Map([['nobody', tensor]]))).toThrow('nobody');
  expect(() => session.update(new Map([[name, { shape: [1], data: new Float32Array(1) }]]))).toThrow(name);
  session.dispose();
});

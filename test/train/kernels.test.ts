import { expect, test } from 'vitest';
import { targetsOf } from '../../src/train/loss.js';
import type { Tensors } from '../../src/train/optimiser.js';
import { type SgdState, sgd } from '../../src/train/sgd.js';
import { trainedOf } from '../../src/verify/training/trainingChecks.js';
import { compile } from '../../src/wasm/session.js';
import { readTraining } from '../verify/trainingVectors.js';

async function trained(model: string, threads: number) {
  const file = readTraining(model);
  const { graph, weights: start, input } = trainedOf(file);
  const session = await compile(graph, start, { kernels: 'strict', algorithms: 'direct', threads });
  const targets = targetsOf(file.labels, file.classes);
  return { file, session, start, run: () => session.run({ input, targets }) };
}

/** The worst of twelve simulated float32 programs after five steps, three times as inexact as PyTorch's (test/fixtures/training/README.md). */
const fiveSteps = 2e-4;

test('five steps of SGD on the kernels: the losses of the SE network, of whose ReLUs none flips', async () => {
  const { file, session, start, run } = await trained('seresnet20_cifar10', 1);
  let weights = start;
  let state: SgdState | undefined;
  const errors: number[] = [];
  for (const expected of file.losses) {
    session.update(weights);
    const outputs = run();
    errors.push(Math.abs((outputs.get('loss')?.data[0] ?? Number.NaN) - expected) / expected);
    const gradients: Tensors = new Map(file.tensors.map(({ name }) => [name, outputs.get(name) ?? expect.fail(name)]));
    ({ weights, state } = sgd({ weights, gradients, state }, file.sgd));
  }
  session.dispose();
  expect(errors).toHaveLength(file.steps + 1);
  expect(Math.max(...errors)).toBeLessThanOrEqual(fiveSteps);
});

test('two threads compute the bits of one', async () => {
  const [one, two] = [await trained('seresnet20_cifar10', 1), await trained('seresnet20_cifar10', 2)];
  expect(two.session.threads).toBe(2);
  const [expected, found] = [one.run(), two.run()];
  for (const [name, { data }] of expected) expect(found.get(name)?.data, name).toEqual(data);
  one.session.dispose();
  two.session.dispose();
});

test('update: a tensor that the network lacks, or of another shape, is an error that names it', async () => {
  const { session, start } = await trained('resnet20_cifar10', 1);
  const [name, tensor] = [...start][0] ?? expect.fail();
  expect(() => session.update(new Map([['nobody', tensor]]))).toThrow('nobody');
  expect(() => session.update(new Map([[name, { shape: [1], data: new Float32Array(1) }]]))).toThrow(name);
  session.dispose();
});

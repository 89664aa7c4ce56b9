import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createClassifier } from '../../src/classifier/create.js';
import { graphOf } from '../../src/classifier/graphOf.js';
import { InputError, WeightsError } from '../../src/errors.js';
import { usualPretrained } from '../../src/pretrained/index.js';
import { classesIn } from '../../src/pretrained/labels.js';
import { planned } from '../../src/wasm/prepare.js';
import { tunings } from '../../src/wasm/tune.js';

const bytes = await readFile('assets/weights/se_resnet20x2_cifar10.safetensors');
const picture = await readFile('assets/images/chelsea.png');
const model = usualPretrained.name;

/** A promise that this file settles. */
function later<T>(): { readonly promise: Promise<T>; resolve(value: T): void; reject(reason: unknown): void } {
  let settle: { resolve(value: T): void; reject(reason: unknown): void } | undefined;
  const promise = new Promise<T>((resolve, reject) => {
    settle = { resolve, reject };
  });
  return { promise, ...(settle as NonNullable<typeof settle>) };
}

// the first: an engine is timed once a process
test('while weights are on their way the engine is timed, and the plan that they come to is made', async () => {
  expect(await tunings()).toEqual([]);
  const weights = later<Uint8Array>();
  const opening = createClassifier({ model, weights: weights.promise, kernels: 'strict' });
  await expect.poll(async () => (await tunings()).map(([kernels]) => kernels)).toEqual(['strict']);
  const { network: id, preset, labels } = usualPretrained;
  const graph = graphOf({ id, options: {}, classes: classesIn[labels], preset }, { gates: false, batch: 1 });
  const { plan } = await planned(graph, { kernels: 'strict', algorithms: 'fast', threads: 1 });
  weights.resolve(bytes);
  using classifier = await opening;
  expect(classifier.session.plan).toBe(plan);
});

test('weights that are promised say the same as weights that are there, in a worker too', async () => {
  using there = await createClassifier({ model, weights: bytes });
  const expected = await there.classify(picture);
  for (const worker of [false, true])
    for (const name of [model, undefined]) {
      using promised = await createClassifier({ weights: Promise.resolve(bytes), worker, ...(name !== undefined && { model: name }) });
      expect((await promised.classify(picture)).logits).toEqual(expected.logits);
    }
});

test.each([false, true])('a promise that is broken breaks the classifier, with its reason: in a worker %s', async (worker) => {
  const reason = new Error('the host is away');
  await expect(createClassifier({ model, weights: Promise.reject(reason), worker })).rejects.toBe(reason);
});

test('what is wrong without the weights is said without waiting for them, and a promise broken later is nobody’s', async () => {
  const weights = later<Uint8Array>();
  await expect(createClassifier({ model: 'se_resnet20x2_cifar10.none', weights: weights.promise })).rejects.toThrow(InputError);
  await expect(createClassifier({ weights: weights.promise, crop: 0.5, scales: [40] })).rejects.toThrow(InputError);
  weights.reject(new Error('too late')); // vitest fails a file with a rejection that nobody handles
});

test('weights of another network than the one that is named are refused', async () => {
  const other = readFile('assets/weights/resnet20_cifar10.safetensors');
  await expect(createClassifier({ model, weights: other })).rejects.toThrow(WeightsError);
});

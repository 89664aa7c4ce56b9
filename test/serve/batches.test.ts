import { createClassifier } from 'senet';
import { beforeAll, expect, test } from 'vitest';
import { compileBatches } from '../../serve/src/models/batches.js';
import { openNetwork } from '../../serve/src/models/network.js';
import { type Expected, expectedOf, patient, sameBits } from './hosted.js';

let expected: readonly Expected[];
beforeAll(async () => {
  expected = await expectedOf();
});

test('rows of a batch have the bits of single runs, whether or not it is full', async () => {
  using classifier = await createClassifier();
  const batches = await compileBatches(classifier, 4);
  expect(batches).toMatchObject({ batch: 4, sameBits: true });
  for (let images = 1; images <= 4; images++) {
    const found = await batches.run(expected.slice(0, images).map(({ image }) => image));
    expect(found.length).toBe(images);
    for (const [row, logits] of found.entries()) expect(sameBits(logits, expected[row]?.logits as Float32Array)).toBe(true);
  }
  batches.dispose();
});

test.each([1, 4])('a network that may run %i at a time answers each as if it were alone', async (maxBatch) => {
  const network = await openNetwork({ maxBatch, maxPixels: 2 ** 24 });
  expect([1, maxBatch]).toContain(network.facts.batch);
  const images = expected.map(({ image }) => image);
  const answers = await network.run(images, patient().signal);
  for (const [row, { logits }] of answers.entries()) expect(sameBits(logits, expected[row]?.logits as Float32Array)).toBe(true);
});

test('a network without SE blocks has no gates to tell', async () => {
  const network = await openNetwork({ model: 'resnet20_cifar10.senet', maxBatch: 1, maxPixels: 2 ** 24 });
  const { gates, logits } = await network.runWithGates((expected[0] as Expected).image, patient().signal);
  expect([gates.size, logits.length]).toEqual([0, 10]);
});

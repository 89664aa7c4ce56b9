import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Classification } from '../../src/classifier/classification.js';
import { classifierOf } from '../../src/classifier/classifier.js';
import { batchOf } from '../../src/classifier/images.js';
import { protocolOf } from '../../src/classifier/protocol.js';
import { topIndices } from '../../src/classifier/top.js';
import { createClassifier, createEnsemble, InputError, ShapeError, tensor } from '../../src/index.js';
import { largestDifference } from '../../src/stats/error.js';
import type { TtaMember } from '../../src/verify/views/ttaFile.js';
import { networkOf, projectFile, readVectors } from './vectors.js';

const vectors = await readVectors();
/** test/fixtures/tta: of probabilities in float32, absolute. */
const limit = 2e-5;

const read = async (path: string): Promise<Uint8Array> => new Uint8Array(await readFile(projectFile(path)));
let cat: Uint8Array;
beforeAll(async () => {
  cat = await read('assets/images/chelsea.png');
});

describe.each(vectors.cases)('$members.0.net, $crops of $members.0.scales from $image', ({ members, crops, image, ...expected }) => {
  test.each(['probabilities', 'logits'] as const)('the mean of %s is that of float64', async (average) => {
    const open = ({ net, scales, crop }: TtaMember) =>
      classifierOf(networkOf(vectors, net, crop), { crops, scales, average, algorithms: 'direct', orient: false });
    const classifiers = await Promise.all(members.map(open));
    const weights = expected.weights && average === 'probabilities' ? expected.weights : undefined;
    using ensemble = createEnsemble(classifiers, { average });
    using weighted = createEnsemble(classifiers, { average, ...(weights && { weights }) });
    const picture = await read(image);
    const values = average === 'logits' ? expected.softmaxOfMeanLogits : expected.meanOfProbabilities;
    const near = ({ probabilities }: Classification, to: readonly number[]): void =>
      expect(largestDifference(probabilities, to)).toBeLessThanOrEqual(limit);
    near(await ensemble.classify(picture), values);
    if (members.length === 1) near(await (classifiers[0] as (typeof classifiers)[0]).classify(picture), values);
    if (weights) near(await weighted.classify(picture), expected.weightedProbabilities as readonly number[]);
    const { top, probabilities, logits } = await ensemble.classify(picture);
    expect(top.map(({ index }) => index)).toEqual(topIndices(probabilities, 5, logits));
    expect(top[0]?.probability).toBe(Math.max(...probabilities));
  });
});

test('one session answers by batches, and its strict answers are those of a view at a time', async () => {
  const network = networkOf(vectors, 'seresnet20_cifar10', 32);
  const running = { kernels: 'strict', algorithms: 'direct' } as const;
  using many = await classifierOf(network, { ...running, crops: 10, scales: [36, 40, 44] });
  using one = await classifierOf(network, running);
  const image = await many.prepare(cat);
  expect(image.shape).toEqual([30, 3, 32, 32]);
  expect(many.session.plan.inputs[0]?.shape).toEqual([10, 3, 32, 32]);
  expect(many.protocol).toEqual({ crops: 10, scales: [36, 40, 44], average: 'probabilities', views: 30, macs: 30 * one.protocol.macs });
  const sums = new Float64Array(10);
  for (let at = 0; at < image.data.length; at += 3 * 32 * 32) {
    const { probabilities } = await one.run(tensor([1, 3, 32, 32], image.data.slice(at, at + 3 * 32 * 32)));
    for (const [i, probability] of probabilities.entries()) sums[i] = (sums[i] as number) + probability;
  }
  const answer = await many.classify(cat);
  expect(answer.probabilities).toEqual(sums.map((sum) => sum / 30));
  expect(await many.run(image)).toEqual(answer);
});

test('144 crops are of four scales, and answered as the mean of the scales by themselves', async () => {
  const network = networkOf(vectors, 'seresnet20_cifar10', 32);
  const running = { kernels: 'strict', algorithms: 'direct' } as const;
  using all = await classifierOf(network, { ...running, crops: 144 });
  expect(all.protocol).toMatchObject({ scales: [36, 41, 45, 50], views: 144 });
  const image = await all.prepare(cat);
  expect(image.shape).toEqual([144, 3, 32, 32]);
  expect(all.session.plan.inputs[0]?.shape).toEqual([9, 3, 32, 32]);
  const { logits } = await all.run(image);
  using average = await classifierOf(network, { ...running, crops: 144, average: 'logits' });
  expect((await average.run(image)).logits).toEqual(logits);
});

test('in a worker the answers are the same, to the bit', async () => {
  const options = { crops: 5, scales: [36, 40], average: 'logits', top: 2 } as const;
  using plain = await createClassifier(options);
  using inWorker = await createClassifier({ ...options, worker: true });
  expect(inWorker.protocol).toEqual(plain.protocol);
  expect(inWorker.protocol).toMatchObject({ crops: 5, scales: [36, 40], average: 'logits', views: 10 });
  expect(await inWorker.classify(cat)).toEqual(await plain.classify(cat));
});

test('without options nothing changes: the one view is the weights’ own', async () => {
  using usual = await createClassifier();
  using told = await createClassifier({ crops: 1, scales: [32], average: 'logits' });
  expect(usual.protocol).toMatchObject({ crops: 1, scales: [32], average: 'probabilities', views: 1 });
  expect(await told.classify(cat)).toEqual(await usual.classify(cat));
});

describe('refused by name:', () => {
  test.each([
    [{ crops: 3 }, 'crops is 1, 2, 5, 10 or 144, not 3'],
    [{ crops: '10' }, "crops is 1, 2, 5, 10 or 144, not '10'"],
    [{ average: 'mean' }, 'average is probabilities or logits, not mean'],
    [{ scales: [] }, 'scales are a list of shorter sides in pixels'],
    [{ scales: 36 }, 'scales are a list of shorter sides in pixels, not 36'],
    [{ scales: [36, 30] }, 'scales: 30 pixels are fewer than the 32 of the network’s image'.replace('’', "'")],
    [{ scales: [36.5] }, 'scales are whole numbers of pixels, 16384 at most, not 36.5'],
    [{ scales: [2 ** 15] }, 'scales are whole numbers of pixels, 16384 at most, not 32768'],
    [{ crops: 144, scales: [36, 40] }, 'scales: 144 crops are of 4 scales, found 2'],
    [{ scales: [36], crop: 0.9 }, 'crop and scales both say'],
    [{ crops: 10, gates: true }, 'gates are of one view, found 10'],
    [{ scales: [36, 40], excitations: true }, 'gates are of one view, found 2'],
  ])('%j', async (options, message) => {
    const refused = createClassifier(options as never);
    await expect(refused).rejects.toThrow(InputError);
    await expect(refused).rejects.toThrow(message);
  });

  test('gates that are chosen for several views, and images of other shapes', async () => {
    using classifier = await createClassifier({ crops: 2 });
    const image = await classifier.prepare(cat);
    await expect(classifier.run(image, { gates: new Map() })).rejects.toThrow('gates are of one view, found 2');
    await expect(classifier.run(tensor([1, 3, 32, 32], new Float32Array(3072)))).rejects.toThrow(ShapeError);
    await expect(classifier.run(undefined as never)).rejects.toThrow(InputError);
  });
});

test('the usual scale is the preset’s; 144 crops’ are 256, 288, 320 and 352 for 224 pixels', () => {
  expect(protocolOf({}, { size: 224, cropRatio: 0.875 })).toMatchObject({ scales: [256], views: 1 });
  expect(protocolOf({ crops: 10 }, { size: 224, cropRatio: 0.95 })).toMatchObject({ scales: [235], views: 10 });
  expect(protocolOf({ crops: 144 }, { size: 224, cropRatio: 0.95 })).toMatchObject({ scales: [256, 288, 320, 352], views: 144 });
});

test('as many views are run at once as divide all of them, 10 at most, and as memory allows', () => {
  expect([1, 2, 5, 10, 40, 144, 13].map((views) => batchOf(views, 2 ** 20))).toEqual([1, 2, 5, 10, 10, 9, 1]);
  expect([2 ** 26, 2 ** 27, 2 ** 28, 2 ** 30].map((bytes) => batchOf(40, bytes))).toEqual([4, 2, 1, 1]);
});

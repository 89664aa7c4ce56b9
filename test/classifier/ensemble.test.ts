import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Member } from '../../src/classifier/ensemble.js';
import { type Classifier, createClassifier, createEnsemble, InputError, type WorkerClassifier } from '../../src/index.js';
import { projectFile } from './vectors.js';

let cat: Uint8Array;
let first: Classifier;
let second: WorkerClassifier;
beforeAll(async () => {
  cat = new Uint8Array(await readFile(projectFile('assets/images/chelsea.png')));
  first = await createClassifier({ model: 'seresnet20_cifar10.senet' });
  second = await createClassifier({ model: 'resnet20_cifar10.senet', crops: 2, worker: true });
});
afterAll(() => {
  first.dispose();
  second.dispose();
});

test('the answer is the weighted mean of the members’ probabilities, or the softmax of their weighted logits', async () => {
  const [a, b] = [await first.classify(cat), await second.classify(cat)];
  const ensemble = createEnsemble([first, second], { weights: [3, 1], top: 2 });
  expect(ensemble.weights).toEqual([0.75, 0.25]);
  const answer = await ensemble.classify(cat);
  for (const [i, p] of answer.probabilities.entries())
    expect(p).toBeCloseTo(0.75 * (a.probabilities[i] as number) + 0.25 * (b.probabilities[i] as number), 14);
  expect(answer.top.map(({ label }) => label)).toEqual(['cat', expect.any(String)]);
  expect([answer.gates.size, answer.excitations.size]).toEqual([0, 0]);

  const byLogits = await createEnsemble([first, second], { weights: [3, 1], average: 'logits' }).classify(cat);
  const powers = Array.from(a.logits, (logit, i) => Math.exp(0.75 * logit + 0.25 * (b.logits[i] as number)));
  const sum = powers.reduce((total, power) => total + power, 0);
  for (const [i, p] of byLogits.probabilities.entries()) expect(p).toBeCloseTo((powers[i] as number) / sum, 12);
});

test('pictures are answered in their order, and one that cannot be read is named', async () => {
  const ensemble = createEnsemble([first, second]);
  expect(ensemble.weights).toEqual([0.5, 0.5]);
  const expected = await ensemble.classify(cat);
  for await (const answer of ensemble.classifyAll([cat, cat])) expect(answer).toEqual(expected);
  await expect(ensemble.classify(cat.subarray(0, 100), { file: 'broken.png' })).rejects.toThrow('broken.png');
});

test('its members are let go with it', async () => {
  const members = [await createClassifier(), await createClassifier({ model: 'resnet20_cifar10.senet' })];
  createEnsemble(members).dispose();
  for (const member of members) await expect(member.classify(cat)).rejects.toThrow('disposed');
});

describe('refused by name:', () => {
  const member = (name: string, classes: number, labels?: readonly string[]): Member =>
    ({
      network: { name, classes, labels: labels?.map((label) => ({ name: label })) },
      classify: () => expect.fail('not asked'),
      dispose: () => undefined,
    }) as unknown as Member;
  const two = [member('a', 2), member('b', 2, ['cat', 'dog'])];

  test.each<readonly [readonly Member[], object, string]>([
    [[], {}, 'createEnsemble takes a list of classifiers'],
    [[{}] as never, {}, 'createEnsemble takes a list of classifiers'],
    [Promise.resolve(two) as never, {}, 'createEnsemble takes a list of classifiers, not Promise: await it'],
    [[...two, member('c', 3)], {}, 'members of an ensemble have the same classes: a has 2, c 3'],
    [[...two, member('c', 2, ['cat', 'cow'])], {}, 'members of an ensemble have the same classes: class 1 of b is dog, of c cow'],
    [two, { weights: [1] }, 'weights of an ensemble are a number for each of its 2 members, not [1]'],
    [two, { weights: [1, 2, 3] }, 'a number for each of its 2 members'],
    [two, { weights: 1 }, 'a number for each of its 2 members, not 1'],
    [two, { weights: [1, 0] }, 'weights of an ensemble are numbers above 0, not 0'],
    [two, { weights: [1, -1] }, 'numbers above 0, not -1'],
    [two, { weights: [1, Number.NaN] }, 'numbers above 0, not NaN'],
    [two, { weights: [1, Number.POSITIVE_INFINITY] }, 'numbers above 0, not Infinity'],
    [two, { weights: [1e308, 1e308] }, 'too far apart'],
    [two, { average: 'median' }, 'average is probabilities or logits, not median'],
    [two, { top: 0 }, 'top is a whole number from 1, not 0'],
    [two, null as never, 'createEnsemble takes options'],
  ])('%#: %o', (members, options, message) => {
    expect(() => createEnsemble(members, options)).toThrow(InputError);
    expect(() => createEnsemble(members, options)).toThrow(message);
  });

  test('members of which one names no classes are of the same', () => {
    expect(createEnsemble(two).members).toHaveLength(2);
  });
});

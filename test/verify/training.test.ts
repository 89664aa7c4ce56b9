import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError, SenetError } from '../../src/errors.js';
import { parseJson } from '../../src/io/jsonText.js';
import { enableRelaxed } from '../../src/node/engine.js';
import { verify } from '../../src/node/verify/file.js';
import { parseTrainingFile } from '../../src/verify/training/trainingFile.js';
import { supports } from '../../src/wasm/features.js';
import { damagedJson, damagedText } from '../support/damaged.js';
import { failed, vectorsPath } from './trainingVectors.js';

enableRelaxed();
const builds = (['strict', 'relaxed'] as const).filter(supports);
const text = await readFile(vectorsPath('seresnet20_cifar10'), 'utf8');
const sound = JSON.parse(text);

describe.each(['resnet20_cifar10', 'seresnet20_cifar10'])('%s on the kernels', (model) => {
  test.each(builds.flatMap((kernels) => (['direct', 'fast'] as const).map((algorithms) => [kernels, algorithms] as const)))(
    '%s, %s algorithms',
    async (kernels, algorithms) => {
      const { verdict } = await verify(vectorsPath(model), { engine: 'wasm', kernels, algorithms });
      expect([verdict.kind, verdict.error, failed(verdict.checks)]).toEqual(['training', undefined, []]);
      const names = verdict.checks.map(({ name }) => name);
      expect(names).toEqual(expect.arrayContaining(['loss', 'smoothedLoss']));
      const ofGradients = ['losses[1]', 'output.weight: gradient, norm', 'output.bias: smoothed gradient, norm'];
      expect(ofGradients.filter((name) => names.includes(name))).toEqual(algorithms === 'direct' ? ofGradients : []);
      expect(verdict.pass).toBe(true);
    },
  );
});

describe('what is wrong in a file fails, and nothing else does:', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'senet-training-'));
  });
  afterAll(() => rm(folder, { recursive: true }));
  const verdictOf = async (json: unknown) => {
    const path = join(folder, 'vectors.json');
    await writeFile(path, JSON.stringify(json));
    return { path, ...(await verify(path, { engine: 'wasm', kernels: 'strict' })) };
  };
  const changed = (change: (file: typeof sound) => void): typeof sound => {
    const copy = structuredClone(sound);
    change(copy);
    return copy;
  };

  test.each<[string, (file: typeof sound) => void, readonly string[]]>([
    ['a loss', (file) => (file.loss *= 1 + 2e-6), ['loss']],
    ['a logit', (file) => (file.logits[3] += 1e-3), ['logits']],
    ['weight decay', (file) => (file.sgd.weightDecay = 0), ['losses[1]']],
    ['smoothing', (file) => (file.labelSmoothing = 0.09), ['smoothedLoss']],
    ['a parameter count', (file) => file.parameters++, ['parameters']],
    ['a gradient', (file) => (file.tensors[0].grad.first[0] *= 1.01), [`${sound.tensors[0].name}: gradient, first`]],
    ['a statistic', (file) => (file.runningStats[0].norm *= 1.001), [`${sound.runningStats[0].name}, norm`]],
    [
      'a name',
      (file) => (file.tensors[0].name = 'nobody'),
      [...['norm', 'first', 'sum'].map((what) => `nobody: gradient, ${what}`), 'losses[1]'],
    ],
    ['a shape', (file) => (file.runningStats[1].shape = [8]), ['norm', 'first'].map((what) => `${sound.runningStats[1].name}, ${what}`)],
  ])('%s', async (_, change, names) => {
    const { verdict } = await verdictOf(changed(change));
    expect(failed(verdict.checks).filter((name) => !name.includes('smoothed gradient'))).toEqual(names);
    expect(verdict.pass).toBe(false);
  });

  test('another ε than the network has', async () => {
    const { path, verdict, badInput } = await verdictOf(changed((file) => (file.bn.eps = 1e-3)));
    expect([verdict.error, badInput]).toEqual([
      `${path}: bn.eps: expected 0.00001, which pytorchcv/seresnet20_cifar10 has, found 0.001`,
      true,
    ]);
  });
});

test('a damaged file is refused, or read as what is left of it', () => {
  const small = { ...sound, runningStats: sound.runningStats.slice(0, 1), tensors: sound.tensors.slice(0, 1), logits: sound.logits };
  let refused = 0;
  for (const damaged of [...damagedJson(small), ...damagedText(JSON.stringify(small))]) {
    try {
      parseTrainingFile(parseJson(damaged));
    } catch (error) {
      expect(error, damaged.slice(0, 200)).toBeInstanceOf(SenetError);
      expect((error as Error).message.length).toBeLessThan(1000);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(100);
});

test.each([
  [{ labels: [1] }, 'labels must be one for each of 8 images, not 1'],
  [{ labels: [0, 0, 0, 0, 0, 0, 0, 10] }, 'labels must be below 10, the number of classes, not 10'],
  [{ losses: [1, 2] }, 'losses must be 6, before each of 5 steps and after the last, not 2'],
  [{ sgd: { ...sound.sgd, steps: 0 } }, 'sgd.steps must be a whole number from 1 to 100, not 0'],
  [{ bn: { eps: 1e-5 } }, 'bn.momentum is missing'],
  [{ source: 'keras resnet50' }, 'source: expected one of timm, '],
])('%#: %s', (change, message) => {
  expect(() => parseTrainingFile({ ...sound, ...change })).toThrow(InputError);
  expect(() => parseTrainingFile({ ...sound, ...change })).toThrow(message);
});

import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { InputError, SenetError } from '../../src/errors.js';
import { parseJson } from '../../src/io/jsonText.js';
import { readImage } from '../../src/node/images/image.js';
import { verify } from '../../src/node/verify/file.js';
import type { Check } from '../../src/verify/check.js';
import { verifyTta } from '../../src/verify/views/tta.js';
import { parseTta } from '../../src/verify/views/ttaFile.js';
import { projectFile, readVectors, vectorsPath } from '../classifier/vectors.js';
import { damagedJson, damagedText } from '../support/damaged.js';

const vectors = await readVectors();
const pixels = (path: string) => readImage(projectFile(path));
const failed = (checks: readonly Check[]): readonly string[] => checks.filter(({ pass }) => !pass).map(({ name }) => name);

test.each(['direct', 'fast'] as const)('the kernels pass every check, by %s algorithms', async (algorithms) => {
  const { checks, kind, pass } = (await verify(vectorsPath, { engine: 'wasm', algorithms })).verdict;
  expect([kind, pass]).toEqual(['tta', true]);
  expect(failed(checks)).toEqual([]);
  const views = vectors.crops.reduce((sum, { sha256 }) => sum + sha256.length, 0);
  const logits = vectors.cases.reduce((sum, { logits }) => sum + (logits?.length ?? 0), 0);
  const count = (name: RegExp): number => checks.filter((check) => name.test(check.name)).length;
  expect([count(/: size$/), count(/, SHA-256$/), count(/, first pixel$/)]).toEqual([vectors.crops.length, views, views]);
  expect([count(/meanOfProbabilities$/), count(/softmaxOfMeanLogits$/)]).toEqual([vectors.cases.length, vectors.cases.length]);
  expect([count(/weightedProbabilities$/), count(/: logits of view \d+$/), count(/: top5(OfLogits)?$/)]).toEqual([2, logits, 10]);
});

test('the reference passes in float64, where the limit is 1e-9', async () => {
  const cases = vectors.cases.filter(({ members, crops }) => members.length === 1 && members[0]?.crop === 32 && crops === 1);
  expect(cases).toHaveLength(2);
  const checks = await verifyTta({ ...vectors, crops: [], cases }, { engine: 'reference', pixels });
  expect(failed(checks)).toEqual([]);
  expect(checks.filter(({ name }) => name.endsWith('Probabilities')).map(({ limit }) => limit)).toEqual([1e-9, 1e-9]);
});

describe('what is wrong in a file fails, and nothing else does:', () => {
  const place = vectors.cases.findIndex(({ members, crops }) => members[0]?.crop === 32 && crops === 1);
  const one = vectors.cases[place] as (typeof vectors.cases)[0];
  const nudged = (values: readonly number[], by: number): readonly number[] => values.with(2, (values[2] as number) + by);
  const check = async (change: Partial<typeof one>) =>
    failed(await verifyTta({ ...vectors, crops: [], cases: [{ ...one, ...change }] }, { engine: 'wasm', pixels }));
  const name = `cases[0]: seresnet20_cifar10 of ${one.image}`;

  test('probabilities', async () => {
    expect(await check({ meanOfProbabilities: nudged(one.meanOfProbabilities, 3e-5) })).toEqual([`${name}: meanOfProbabilities`]);
    expect(await check({ softmaxOfMeanLogits: nudged(one.softmaxOfMeanLogits, -3e-5) })).toEqual([`${name}: softmaxOfMeanLogits`]);
  });

  test('the number of views, the order of classes, logits', async () => {
    expect(await check({ views: 4 })).toEqual([`${name}: views`]);
    expect(await check({ top5: (one.top5 as readonly number[]).toReversed() })).toEqual([`${name}: top5`]);
    expect(await check({ logits: one.logits?.with(1, nudged(one.logits[1] as readonly number[], 0.01)) })).toEqual([
      `${name}: logits of view 1`,
    ]);
  });

  test('a size, a hash, a pixel', async () => {
    const [crops] = vectors.crops.filter(({ resize, crops }) => resize === 36 && crops === 10) as [(typeof vectors.crops)[0]];
    const wrong = {
      ...crops,
      resized: [36, 55],
      sha256: crops.sha256.with(5, crops.sha256[0] as string),
      firstPixels: crops.firstPixels.with(9, [1, 2, 3]),
    };
    const name = `crops[0]: ${crops.image} at 36, 10 of 32`;
    expect(failed(await verifyTta({ ...vectors, crops: [wrong], cases: [] }, { engine: 'wasm', pixels }))).toEqual([
      `${name}: size`,
      `${name}: view 5, SHA-256`,
      `${name}: view 9, first pixel`,
    ]);
  });

  test('a network whose classifier is another module', async () => {
    const nets = new Map([...vectors.nets].map(([net, value]) => [net, { ...value, head: 'fc' }]));
    await expect(verifyTta({ ...vectors, nets, crops: [], cases: [one] }, { engine: 'wasm', pixels })).rejects.toThrow(
      'nets.seresnet20_cifar10.head must be the classifier of pytorchcv/seresnet20_cifar10, not "fc"',
    );
  });
});

describe('images', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'senet-tta-'));
    await mkdir(join(folder, 'deep/deeper'), { recursive: true });
  });
  afterAll(() => rm(folder, { recursive: true }));
  const file = async (image: string): Promise<string> => {
    const { crops } = JSON.parse(await readFile(vectorsPath, 'utf8')) as { crops: readonly { resize: number; kind: string }[] };
    const [small] = crops.filter(({ resize, kind }) => resize === 32 && kind === 'centre');
    const path = join(folder, 'deep/deeper/tta.json');
    const { seed, mean, std } = vectors;
    await writeFile(path, JSON.stringify({ seed, mean, std, nets: {}, crops: [{ ...small, image }], cases: [] }));
    return path;
  };

  test('are found from the folders above the file', async () => {
    await copyFile(projectFile('assets/images/chelsea.png'), join(folder, 'cat.png'));
    const { checks } = (await verify(await file('cat.png'), { engine: 'wasm' })).verdict;
    expect([checks.length, failed(checks)]).toEqual([3, []]);
  });

  test.each([
    ['nowhere/cat.png', 'expected the image nowhere/cat.png in a folder that the file lies in, found none'],
    ['../cat.png', 'image must be a path below a folder of it, not ../cat.png'],
    ['/etc/hostname', 'image must be a path below a folder of it, not /etc/hostname'],
  ])('%s: %s', async (image, message) => {
    const path = await file(image);
    const { verdict, badInput } = await verify(path, { engine: 'wasm' });
    expect([verdict.error, verdict.pass, badInput]).toEqual([`${path}: ${message}`, false, true]);
  });
});

const sound = {
  seed: 71,
  mean: [0.5, 0.5, 0.5],
  std: [0.2, 0.2, 0.2],
  nets: { small: { source: 'pytorchcv seresnet20_cifar10', classes: 2, gain: 1, head: 'output', headGain: 1, headBias: [0, 1] } },
  crops: [
    {
      image: 'cat.png',
      resize: 40,
      crop: 32,
      kind: 'mirror',
      resized: [40, 60],
      sha256: ['a', 'b'],
      firstPixels: [
        [1, 2, 3],
        [4, 5, 6],
      ],
    },
  ],
  cases: [
    {
      ...{
        net: 'small',
        image: 'cat.png',
        resize: [36, 40],
        crop: 32,
        kind: 'centre',
        views: 2,
        top5: [1, 0],
        logits: [
          [1, 2],
          [3, 4],
        ],
      },
      ...{ meanOfProbabilities: [0.25, 0.75], softmaxOfMeanLogits: [0.25, 0.75] },
    },
    {
      ...{ ensemble: ['small', 'small'], image: 'cat.png', resize: [36, [40, 44]], crop: [32, 40], kind: 'five', weights: [1, 3] },
      ...{ meanOfProbabilities: [0.25, 0.75], softmaxOfMeanLogits: [0.25, 0.75], weightedProbabilities: [0.5, 0.5] },
    },
  ],
};

test('a file is read as networks, views and cases', () => {
  const { nets, crops, cases } = parseTta(sound);
  expect([nets.get('small')?.id, crops[0]?.crops]).toEqual(['pytorchcv/seresnet20_cifar10', 2]);
  expect(cases.map(({ members, crops }) => [members.map(({ net, scales, crop }) => [net, scales, crop]), crops])).toEqual([
    [[['small', [36, 40], 32]], 1],
    [
      [
        ['small', [36], 32],
        ['small', [40, 44], 40],
      ],
      5,
    ],
  ]);
});

test('a damaged file is refused, or read as what is left of it', () => {
  let refused = 0;
  for (const text of [...damagedJson(sound), ...damagedText(JSON.stringify(sound))]) {
    try {
      parseTta(parseJson(text));
    } catch (error) {
      expect(error, text.slice(0, 200)).toBeInstanceOf(SenetError);
      expect((error as Error).message.length).toBeLessThan(1000);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(100);
});

const [ofOne, ofTwo] = sound.cases as [object, object];
test.each([
  [{ std: [0, 1, 1] }, 'std[0] must be a number above 0, not 0'],
  [{ nets: { small: { ...sound.nets.small, headBias: [1] } } }, 'nets.small.headBias must be a list of 2, not of 1'],
  [{ nets: { small: { ...sound.nets.small, source: 'keras resnet50' } } }, 'source: expected one of timm, '],
  [{ crops: [{ ...sound.crops[0], kind: 'nine' }] }, 'crops[0].kind must be one of centre, mirror, five, ten, not "nine"'],
  [{ crops: [{ ...sound.crops[0], kind: 'ten' }] }, 'crops[0].sha256 must be a list of 10, not of 2'],
  [{ crops: [{ ...sound.crops[0], crop: 41 }] }, 'crops[0].resize must be 41 pixels, the crop, or more, not 40'],
  [{ crops: [{ ...sound.crops[0], resize: 1e6 }] }, 'crops[0].resize must be a whole number from 1 to 4096'],
  [{ cases: [{ ...ofOne, net: 'large' }] }, 'cases[0]: nets has no "large"'],
  [{ cases: [{ ...ofOne, net: '__proto__' }] }, 'cases[0]: nets has no "__proto__"'],
  [{ cases: [{ ...ofOne, resize: [] }] }, 'cases[0].resize must be'],
  [{ cases: [{ ...ofOne, meanOfProbabilities: [1] }] }, 'cases[0].meanOfProbabilities must be a list of 2, not of 1'],
  [{ cases: [{ ...ofOne, top5: [2] }] }, 'cases[0].top5 must be of the 2 classes'],
  [{ cases: [{ ...ofOne, logits: [[1, 2]] }] }, 'cases[0].logits must be a list of 2, not of 1'],
  [{ cases: [{ ...ofTwo, crop: [32] }] }, 'cases[0].crop must be a list of 2, not of 1'],
  [{ cases: [{ ...ofTwo, ensemble: [] }] }, 'cases[0].ensemble must be a list of networks'],
  [{ cases: [{ ...ofTwo, weights: [1, 0] }] }, 'cases[0].weights[1] must be a number above 0, not 0'],
  [{ cases: [{ ...ofTwo, weights: undefined }] }, 'cases[0].weights is missing'],
])('%#: %s', (change, message) => {
  expect(() => parseTta({ ...sound, ...change })).toThrow(InputError);
  expect(() => parseTta({ ...sound, ...change })).toThrow(message);
});

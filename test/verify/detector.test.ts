import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inAnchorOrder } from '../../src/detect/anchors.js';
import type { Size } from '../../src/detect/boxes.js';
import { type Detections, detectionRule } from '../../src/detect/detections.js';
import { restoreBoxes } from '../../src/detect/transform.js';
import { detections } from '../../src/detector/stages.js';
import { InputError } from '../../src/errors.js';
import { detectorRun } from '../../src/node/verify/detector.js';
import { verify } from '../../src/node/verify/file.js';
import type { Tensor } from '../../src/tensor.js';
import { type DetectorRun, detectorChecks } from '../../src/verify/detection/detectorChecks.js';
import { parseDetectorFile } from '../../src/verify/detection/detectorFile.js';
import { supports } from '../../src/wasm/features.js';
import { some } from '../support/length.js';

const fixtures = fileURLToPath(new URL('../fixtures/detection/', import.meta.url));
const assets = fileURLToPath(new URL('../../assets/', import.meta.url));

/** The vectors name photographs by their path in the folder that they were made in. */
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'senet-'));
  const images = join(folder, 'shared/data/images');
  mkdirSync(images, { recursive: true });
  for (const image of ['chelsea.png', 'coffee.png']) copyFileSync(join(assets, 'images', image), join(images, image));
  for (const name of ['fasterrcnn_resnet50_fpn', 'fasterrcnn_seresnet50_fpn'])
    copyFileSync(join(fixtures, `${name}.names.json`), join(folder, `${name}.names.json`));
});
afterAll(() => rmSync(folder, { recursive: true }));

// biome-ignore lint/suspicious/noExplicitAny: a file that each test damages in its own way
type Json = any;
const read = (name: string): Json => JSON.parse(readFileSync(join(fixtures, `${name}.json`), 'utf8'));

async function verdictOf(json: unknown, options: Partial<Parameters<typeof verify>[1]> = {}) {
  const file = join(folder, 'vector.json');
  writeFileSync(file, JSON.stringify(json));
  return (await verify(file, { engine: 'wasm', kernels: 'strict', ...options })).verdict;
}

/** In this order a plain run has each vector by one build, and both builds. */
const runs = (
  [
    ['resnet50-chelsea', 'strict', 'direct'],
    ['resnet50-chelsea', 'strict', 'fast'],
    ['resnet50-chelsea', 'relaxed', 'direct'],
    ['resnet50-chelsea', 'relaxed', 'fast'],
    ['seresnet50-coffee', 'relaxed', 'direct'],
    ['seresnet50-coffee', 'relaxed', 'fast'],
    ['seresnet50-coffee', 'strict', 'direct'],
    ['seresnet50-coffee', 'strict', 'fast'],
  ] as const
).filter(([, kernels]) => supports(kernels));
test.each(some(runs, 4))(
  '%s: every stage is what torchvision computes, on %s kernels by %s algorithms',
  async (name, kernels, algorithms) => {
    const { kind, pass, checks } = await verdictOf(read(name), { kernels, algorithms });
    expect(checks.filter((check) => !check.pass)).toEqual([]);
    expect([kind, pass, checks.length]).toEqual(['detector', true, 36]);
  },
);

/** What of a file is changed, and the checks that then fail. */
const changes: readonly (readonly [what: string, change: (json: Json) => void, failing: readonly string[]])[] = [
  ['the number of parameters', (json) => json.parameters++, ['parameters']],
  ['a resized side', (json) => json.imageSizes[0][1]--, ['image sizes']],
  ['a side of the batch', (json) => (json.batch[3] += 32), ['batch']],
  ['a transformed value', (json) => (json.transformed.values[7] += 1e-5), ['transformed']],
  ['a feature', (json) => (json.features['2'].values[5] += 1e-3), ['features 2']],
  ['a mean of a map', (json) => (json.features.pool.mean += 1e-3), ['features pool: mean']],
  ['a mean of magnitudes', (json) => (json.features['0'].meanAbs -= 1e-3), ['features 0: mean of magnitudes']],
  ['the shape of a map', (json) => json.features['1'].shape[3]++, ['features 1: shape']],
  ['a map that there is not', (json) => (json.features['4'] = json.features['3']), ['features 4']],
  ['anchors of a level', (json) => json.anchorsPerLevel[1]++, ['anchors per level']],
  ['a logit', (json) => (json.objectness.values[9] += 1e-3), ['objectness']],
  ['a value too few', (json) => json.rpnDeltas.values.pop(), ['proposal deltas']],
  [
    'the level of a proposal',
    (json) => (json.proposals[0].levels[0] = 4),
    ['proposals[0]: without a counterpart, of 60', 'pooled', 'class logits', 'box deltas'],
  ],
  ['the box of a proposal', (json) => (json.proposals[0].boxes[3][2] += 0.01), ['proposals[0]: boxes, in pixels']],
  ['the logit of a proposal', (json) => (json.proposals[0].logits[2] -= 0.5), ['proposals[0]: scores']],
  ['a pooled value', (json) => (json.pooled.values[4] += 0.5), ['pooled']],
  ['a class logit', (json) => (json.classLogits.values[4] += 1e-2), ['class logits']],
  ['a box delta', (json) => (json.boxDeltas.values[4] += 1e-2), ['box deltas']],
  ['a label', (json) => json.detections[0].labels[0]++, ['detections[0]: without a counterpart, of 100']],
  ['a score', (json) => (json.detections[0].scores[0] += 1e-3), ['detections[0]: scores']],
  ['a box', (json) => (json.detections[0].boxes[0][0] += 0.045), []],
  ['a box by more', (json) => (json.detections[0].boxes[0][0] += 0.1), ['detections[0]: without a counterpart, of 100']],
];

describe('a file that differs', () => {
  let run: DetectorRun;
  beforeAll(async () => {
    run = await detectorRun(join(folder, 'vector.json'), parseDetectorFile(read('resnet50-chelsea')), {
      engine: 'wasm',
      kernels: 'strict',
    });
  }, 60_000);
  const failingOf = (json: Json): readonly string[] =>
    detectorChecks(parseDetectorFile(json), run, 'float32').flatMap(({ name, pass }) => (pass ? [] : [name]));

  test.each(changes)('in %s fails there alone', (_, change, failing) => {
    const json = read('resnet50-chelsea');
    change(json);
    expect(failingOf(json)).toEqual(failing);
  });

  test('in the order of detections passes', () => {
    const json = read('resnet50-chelsea');
    for (const key of ['boxes', 'scores', 'labels']) json.detections[0][key].reverse();
    expect(failingOf(json)).toEqual([]);
  });
});

/** Nobody else's numbers of the C4 form are at hand: a file of what the kernels compute, in the form of those that are. */
describe('a file of the C4 form', () => {
  const sampled = (data: ArrayLike<number>, step: number) => ({
    step,
    values: Array.from({ length: Math.ceil(data.length / step) }, (_, i) => data[i * step]),
  });
  const rows = (boxes: Float64Array) => Array.from({ length: boxes.length / 4 }, (_, i) => [...boxes.subarray(4 * i, 4 * i + 4)]);
  const blank = (): Json => ({
    ...read('resnet50-chelsea'),
    model: 'fasterrcnn_resnet50_c4',
    gains: {},
    biases: {},
    features: {},
    minSize: 32,
    maxSize: 64,
    preNms: 20,
    postNms: 2,
  });

  let json: Json;
  let run: DetectorRun;
  beforeAll(async () => {
    json = blank();
    run = await detectorRun(join(folder, 'vector.json'), parseDetectorFile(json), { engine: 'wasm', kernels: 'strict' });
    const { batch, outputs, proposals, parameters } = run;
    const { sizes, originals, images } = batch;
    const of = (name: string): Tensor => outputs.get(name) as Tensor;
    const [map, objectness] = [of('c4'), of('objectness.0')];
    const mean = (value: (one: number) => number): number => {
      let sum = 0;
      for (const one of map.data) sum += value(one);
      return sum / map.data.length;
    };
    const found = detections(outputs, proposals, batch, detectionRule)[0] as Detections;
    Object.assign(json, {
      parameters,
      imageSizes: sizes,
      batch: images.shape,
      transformed: sampled(images.data, 97),
      features: { 0: { shape: map.shape, mean: mean((one) => one), meanAbs: mean(Math.abs), ...sampled(map.data, 13) } },
      anchorsPerLevel: [objectness.data.length],
      objectness: sampled(inAnchorOrder([objectness], 0, 1), 3),
      rpnDeltas: sampled(inAnchorOrder([of('deltas.0')], 0, 4), 5),
      proposals: proposals.map(({ boxes, scores, levels }) => ({
        boxes: rows(boxes),
        logits: Array.from(scores, (score) => Math.log(score / (1 - score))),
        levels: [...levels],
      })),
      pooled: sampled(of('pooled').data, 101),
      classLogits: sampled(of('classLogits').data, 7),
      boxDeltas: sampled(of('boxDeltas').data, 7),
      detections: [
        {
          boxes: rows(restoreBoxes(found.boxes, sizes[0] as Size, originals[0] as Size)),
          scores: [...found.scores],
          labels: [...found.labels],
        },
      ],
    });
  }, 60_000);

  test.each(some((['relaxed', 'strict'] as const).filter(supports), 2))(
    'passes with its map among the checks, on %s kernels',
    async (kernels) => {
      const { pass, checks } = await verdictOf(json, { kernels });
      expect(checks.filter((check) => !check.pass)).toEqual([]);
      expect(pass).toBe(true);
      expect(checks.map(({ name }) => name)).toEqual(
        expect.arrayContaining(['features 0: shape', 'features 0', 'features 0: mean', 'features 0: mean of magnitudes']),
      );
    },
  );

  test.each<readonly [string, (changed: Json) => void, readonly string[]]>([
    ['a value of the map', (changed) => (changed.features[0].values[5] += 1), ['features 0']],
    ['the map’s shape', (changed) => changed.features[0].shape[3]++, ['features 0: shape']],
    ['a map that there is not', (changed) => (changed.features[1] = changed.features[0]), ['features 1']],
    ['no map', (changed) => (changed.features = {}), []],
  ])('that differs in %s fails there alone', (_, change, failing) => {
    const changed = structuredClone(json);
    change(changed);
    const checks = detectorChecks(parseDetectorFile(changed), run, 'float32');
    expect(checks.flatMap(({ name, pass }) => (pass ? [] : [name]))).toEqual(failing);
  });
});

test('other parameters than the file beside it lists are an error', async () => {
  const names = join(folder, 'fasterrcnn_resnet50_fpn.names.json');
  const before = readFileSync(names, 'utf8');
  writeFileSync(names, before.replace('backbone.body.bn1.bias', 'backbone.body.bn1.beta'));
  const verdict = await verdictOf(read('resnet50-chelsea'));
  writeFileSync(names, before);
  expect(verdict).toMatchObject({ pass: false, checks: [] });
  expect(verdict.error).toMatch(/tensor 2 is .*bn1\.bias.* and in .*names\.json .*bn1\.beta/);
});

test.each<readonly [string, (json: Json) => void, RegExp]>([
  ['no such detector', (json) => (json.model = 'fasterrcnn_vgg16'), /unknown detector fasterrcnn_vgg16/],
  ['no number of images', (json) => json.imageSizes.push([1, 1]), /imageSizes: expected one for each of 1 images, found 2/],
  [
    'lists that are not alike',
    (json) => json.detections[0].labels.pop(),
    /detections\[0\]: expected lists of one length, found 100, 100, 99/,
  ],
  ['a box of three', (json) => json.proposals[0].boxes[0].pop(), /proposals\[0\]\.boxes\[0\]/],
  ['a text for a number', (json) => (json.objectness.step = '107'), /objectness\.step/],
  ['a huge image', (json) => (json.minSize = 1e6), /minSize/],
  ['more regions than any detector has', (json) => (json.postNms = 1e9), /postNms/],
  [
    'a bias of another layer',
    (json) => (json.biases['rpn.head.nothing'] = [1]),
    /biases\.rpn\.head\.nothing: expected a layer of the detector/,
  ],
  [
    'a bias of another length',
    (json) => json.biases['rpn.head.cls_logits'].push(1),
    /biases\.rpn\.head\.cls_logits: expected 3, found 4 values/,
  ],
  ['a photograph that is not there', (json) => (json.images = ['shared/data/images/moose.png']), /moose\.png/],
  ['a path that leads elsewhere', (json) => (json.images = ['../../etc/passwd']), /path below a folder/],
])('%s is one error that names it', async (_, change, message) => {
  const json = read('resnet50-chelsea');
  change(json);
  const verdict = await verdictOf(json);
  expect(verdict.error).toMatch(message);
  expect(verdict.pass).toBe(false);
});

test('a file of no kind says what kinds there are', async () => {
  for (const json of [{}, { model: 'x' }, { source: 'timm resnet18' }])
    expect((await verdictOf(json)).error).toMatch(/expected a file of one of these kinds/);
  expect((await verdictOf({ images: [], annotations: [], categories: [] })).error).toMatch(
    /found ground truth of detection: `senet ap` takes it/,
  );
  expect((await verdictOf([1])).error).toMatch(/expected an object of expectations/);
  expect(() => parseDetectorFile({})).toThrow(InputError);
});

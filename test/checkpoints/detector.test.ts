import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { identifyDetector } from '../../src/checkpoints/detector.js';
import { openCheckpoint } from '../../src/checkpoints/index.js';
import { InputError, WeightsError } from '../../src/errors.js';
import { parameters } from '../../src/graph/count.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import type { Stored, TensorFile } from '../../src/io/tensorFile.js';
import { findDetector, listDetectors } from '../../src/models/detection/index.js';
import type { Shape } from '../../src/tensor.js';

/** A file whose values nobody reads. */
const fileOf = (shapes: Iterable<readonly [string, Shape]>): TensorFile => ({
  format: 'safetensors',
  metadata: {},
  tensors: new Map(
    [...shapes].map(([name, shape]) => [name, { dtype: 'F32', shape, read: () => Promise.reject(new Error('read')) } satisfies Stored]),
  ),
});
const shapesOf = (name: string, classes = 91): Map<string, Shape> =>
  new Map(parameters(findDetector(name).create({ size: [64, 64], regions: 1, classes })).map(({ name, shape }) => [name, shape]));
const counted = (shapes: Map<string, Shape>): Map<string, Shape> =>
  new Map([
    ...shapes,
    ...[...shapes.keys()]
      .filter((name) => name.endsWith('running_var'))
      .map((name) => [name.replace('running_var', 'num_batches_tracked'), []] as const),
  ]);

describe.each(listDetectors().map(({ id }) => id))('%s', (id) => {
  test.each([91, 3])('is recognised with %i classes', (classes) => {
    const { model, same, ...found } = identifyDetector(fileOf(shapesOf(id, classes)));
    expect([model, ...same]).toContain(id);
    expect(found.classes).toBe(classes);
    expect(found.stored.size).toBe(shapesOf(id).size);
  });
});

test('two detectors have the same tensors: the first counts, or the one that is named', () => {
  const file = fileOf(shapesOf('fasterrcnn_mobilenet_v3_large_320_fpn'));
  expect(identifyDetector(file)).toMatchObject({
    model: 'torchvision/fasterrcnn_mobilenet_v3_large_fpn',
    same: ['torchvision/fasterrcnn_mobilenet_v3_large_320_fpn'],
  });
  expect(identifyDetector(file, 'fasterrcnn_mobilenet_v3_large_320_fpn')).toMatchObject({
    model: 'torchvision/fasterrcnn_mobilenet_v3_large_320_fpn',
    same: [],
  });
});

test('the names of the published file of 2018', () => {
  const { models } = JSON.parse(readFileSync(new URL('../fixtures/detection/checkpoints.json', import.meta.url), 'utf8'));
  expect(models.fasterrcnn_resnet50_fpn.url).toContain('258fb6c6'); // the one that has them
  const old = [...shapesOf('fasterrcnn_resnet50_fpn')].map(
    ([name, shape]) => [name.replace(/(_blocks\.\d)\.0\./, '$1.').replace('rpn.head.conv.0.0.', 'rpn.head.conv.'), shape] as const,
  );
  expect(old.map(([name]) => name)).toContain('backbone.fpn.inner_blocks.0.weight');
  const found = identifyDetector(fileOf(old));
  expect(found.model).toBe('torchvision/fasterrcnn_resnet50_fpn');
  expect([...found.stored.keys()]).toEqual([...shapesOf('fasterrcnn_resnet50_fpn').keys()]);
});

test('batch norms with counters are no frozen ones: their ε is 1e-5', () => {
  const shapes = shapesOf('fasterrcnn_resnet50_fpn');
  expect(identifyDetector(fileOf(shapes)).eps).toBeUndefined();
  expect(identifyDetector(fileOf(counted(shapes)))).toMatchObject({ model: 'torchvision/fasterrcnn_resnet50_fpn', eps: 1e-5 });
  expect(identifyDetector(fileOf(counted(shapesOf('fasterrcnn_resnet50_fpn_v2')))).eps).toBeUndefined();
});

test("trainers' prefixes and dictionaries", async () => {
  const shapes = shapesOf('senet/fasterrcnn_seresnet50_c4', 3);
  for (const prefix of ['module.', 'model.', 'detector.module.']) {
    const found = identifyDetector(fileOf([...shapes].map(([name, shape]) => [prefix + name, shape])));
    expect([found.model, found.takenFrom]).toEqual(['senet/fasterrcnn_seresnet50_c4', prefix.replace('module.', '').replace(/\.$/, '')]);
  }
  const others = identifyDetector(fileOf([...shapes, ['criterion.weight', [3]]]));
  expect(others.ignored).toEqual(['criterion.weight']);
});

test('values come under the names of the detector, as float32', async () => {
  const graph = findDetector('fasterrcnn_mobilenet_v3_large_fpn').create({ size: [64, 64], regions: 1, classes: 2 });
  const weights = syntheticWeights(graph, { seed: 1 });
  const { stored } = identifyDetector(await openCheckpoint(saveSafetensors(weights)));
  const name = 'roi_heads.box_predictor.bbox_pred.bias';
  expect(await stored.get(name)?.read()).toEqual(weights.get(name));
});

describe('no detector', () => {
  const shapes = shapesOf('fasterrcnn_resnet50_fpn');
  const without = (name: string) => new Map([...shapes].filter(([key]) => key !== name));

  test.each([
    [
      'one missing',
      without('rpn.head.bbox_pred.bias'),
      /nearest is torchvision\/fasterrcnn_resnet50_fpn: 1 missing, 0 misshapen, 0 extra \(rpn\.head\.bbox_pred\.bias is missing\)/,
    ],
    [
      'one misshapen',
      new Map([...shapes, ['rpn.head.bbox_pred.bias', [13]]] as [string, Shape][]),
      /rpn\.head\.bbox_pred\.bias is \[13\], not \[12\]/,
    ],
    [
      'one more',
      new Map([...shapes, ['roi_heads.mask_head.mask_fcn1.weight', [256, 256, 3, 3]]] as [string, Shape][]),
      /roi_heads\.mask_head\.mask_fcn1\.weight is not the detector's/,
    ],
    [
      'class rows that disagree',
      new Map([...shapes, ['roi_heads.box_predictor.bbox_pred.weight', [360, 1024]]] as [string, Shape][]),
      /bbox_pred\.weight is \[360, 1024\], not \[364, 1024\]/,
    ],
    ['a classifier', new Map([['conv1.weight', [64, 3, 7, 7]]] as [string, Shape][]), /no detector's: none is below backbone\.body/],
    ['nothing', new Map<string, Shape>(), /no detector's/],
  ])('%s', (_, tensors, message) => {
    expect(() => identifyDetector(fileOf(tensors))).toThrow(WeightsError);
    expect(() => identifyDetector(fileOf(tensors))).toThrow(message);
  });

  test('an unknown name, and the wrong one', () => {
    expect(() => identifyDetector(fileOf(shapes), 'fasterrcnn_resnet50_fpn_v3')).toThrow(InputError);
    expect(() => identifyDetector(fileOf(shapes), 'fasterrcnn_resnet50_fpn_v2')).toThrow(
      /not those of torchvision\/fasterrcnn_resnet50_fpn_v2/,
    );
  });
});

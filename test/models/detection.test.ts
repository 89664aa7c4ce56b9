import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { count, parameters } from '../../src/graph/count.js';
import { findDetector, listDetectors } from '../../src/models/detection/index.js';
import { findModel } from '../../src/models/index.js';
import type { Shape } from '../../src/tensor.js';

const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`../fixtures/detection/${file}`, import.meta.url), 'utf8'));

/** A published file. An entry p: C of a batch norm stands for four tensors of C; frozen ones are no parameters to be learned. */
interface Published {
  readonly params: number;
  readonly categories: number;
  readonly bn: Readonly<Record<string, number>>;
  readonly frozenBn?: Readonly<Record<string, number>>;
  readonly tensors: Readonly<Record<string, Shape>>;
}
const { models: published } = read('checkpoints.json') as { readonly models: Readonly<Record<string, Published>> };
const small = { size: [64, 64], regions: 1 } as const;
const listed = (name: string) => parameters(findDetector(name).create(small)).map(({ name, shape }) => [name, shape]);

describe.each(Object.entries(published))('%s', (name, { params, bn, frozenBn = {}, tensors }) => {
  test('has the tensors of the published file', () => {
    const norms = Object.entries({ ...bn, ...frozenBn }).flatMap(([path, channels]) =>
      ['weight', 'bias', 'running_mean', 'running_var'].map((part) => [`${path}.${part}`, [channels]] as const),
    );
    const sorted = (list: readonly unknown[]): readonly string[] => list.map((entry) => JSON.stringify(entry)).sort();
    expect(sorted(listed(name))).toEqual(sorted([...Object.entries(tensors), ...norms]));
  });

  test('has as many parameters as are learned', () => {
    expect(count(findDetector(name).create(small)).params).toBe(params);
  });
});

test.each(['fasterrcnn_resnet50_fpn', 'fasterrcnn_seresnet50_fpn'])('%s lists its tensors in the order of the state dict', (name) => {
  expect(listed(name)).toEqual(read(`${name}.names.json`));
});

/** torchvision's documentation of the published weights: parameters, and GFLOPs (multiply-adds) of its measurement, at 800 × 800 pixels and 1,000 regions. */
test.each([
  ['torchvision/fasterrcnn_resnet50_fpn', 41_755_286, 134.38],
  ['torchvision/fasterrcnn_resnet50_fpn_v2', 43_712_278, 280.37],
])('%s: %i parameters, %f GFLOPs', (name, params, gflops) => {
  const counted = count(findDetector(name).create({ size: [800, 800] }));
  expect(counted.params).toBe(params);
  expect((counted.macs / 1e9).toFixed(2)).toBe(gflops.toFixed(2));
});

test.each(['torchvision/fasterrcnn_mobilenet_v3_large_fpn', 'torchvision/fasterrcnn_mobilenet_v3_large_320_fpn'])(
  '%s: 19,386,354 parameters, as torchvision documents; two maps of one stride',
  (name) => {
    const graph = findDetector(name).create({ size: [320, 320], features: true });
    expect(count(graph).params).toBe(19_386_354);
    const planes = ['fpn.0', 'fpn.1', 'fpn.pool'].map((map) => graph.nodes[graph.outputs.get(map) as number]?.shape.slice(1));
    expect(planes).toEqual([
      [256, 10, 10],
      [256, 10, 10],
      [256, 5, 5],
    ]);
    const pooled = graph.nodes.find(({ op }) => op === 'roiAlign');
    expect(pooled?.attrs).toMatchObject({ scales: [1 / 32, 1 / 32] });
  },
);

/** docs/spec/zoo.md §9.2. */
test.each([
  ['torchvision/fasterrcnn_resnet50_fpn', 0],
  ['torchvision/fasterrcnn_resnet50_fpn_v2', 1e-5],
  ['torchvision/fasterrcnn_mobilenet_v3_large_320_fpn', 1e-5],
  ['senet/fasterrcnn_seresnet50_fpn', 1e-5],
])('%s: the ε of every batch norm is %f', (name, eps) => {
  const epsilons = findDetector(name)
    .create(small)
    .nodes.flatMap((node) => (node.op === 'batchNorm' ? [node.attrs.eps] : []));
  expect(new Set(epsilons)).toEqual(new Set([eps]));
});

test('the scale of a map is a power of two of the image before it is padded', () => {
  const scalesOf = (size: readonly [number, number]) =>
    findDetector('fasterrcnn_resnet50_fpn')
      .create({ size, regions: 1 })
      .nodes.flatMap((node) => (node.op === 'roiAlign' ? [node.attrs.scales] : []));
  expect(scalesOf([159, 239])).toEqual([[1 / 4, 1 / 8, 1 / 16, 1 / 32]]);
  expect(scalesOf([65, 90])).toEqual([[1 / 2, 1 / 4, 1 / 8, 1 / 16]]); // 65 rows padded to 96: 24 of 65 are nearer to a half, on the scale of powers
});

describe.each(listDetectors().map((model) => [model.id, model] as const))('%s', (_, model) => {
  test('has an answer on each map, and one for each region', () => {
    const graph = model.create({ size: [96, 130], batch: 2, regions: 5, classes: 4 });
    const shapeOf = (name: string): Shape | undefined => graph.nodes[graph.outputs.get(name) ?? -1]?.shape;
    const { anchorSizes, anchorRatios } = model.settings;
    expect([...graph.outputs.keys()]).toEqual([
      ...model.maps.flatMap((map) => [`objectness.${map}`, `deltas.${map}`]),
      'classLogits',
      'boxDeltas',
    ]);
    model.maps.forEach((map, i) => {
      const anchors = (anchorSizes[i]?.length ?? 0) * anchorRatios.length;
      expect(shapeOf(`objectness.${map}`)?.slice(0, 2)).toEqual([2, anchors]);
      expect(shapeOf(`deltas.${map}`)).toEqual([2, 4 * anchors, ...(shapeOf(`objectness.${map}`) as Shape).slice(2)]);
    });
    expect([shapeOf('classLogits'), shapeOf('boxDeltas')]).toEqual([
      [5, 4],
      [5, 16],
    ]);
    expect(graph.nodes[0]?.shape).toEqual([2, 3, 96, 160]);
  });

  test('its maps and the pooled regions can be asked for', () => {
    const graph = model.create({ size: [96, 130], batch: 2, regions: 5, features: true });
    const shapeOf = (name: string): Shape | undefined => graph.nodes[graph.outputs.get(name) ?? -1]?.shape;
    expect(model.mapFeatures).toHaveLength(model.maps.length);
    const proposed = [...model.create({ size: [96, 130], regions: 5 }).outputs.keys()];
    expect([...graph.outputs.keys()]).toEqual([...proposed, ...model.mapFeatures, 'pooled']);
    for (const [i, map] of model.maps.entries())
      expect(shapeOf(model.mapFeatures[i] as string)?.slice(2)).toEqual(shapeOf(`objectness.${map}`)?.slice(2));
    const [, channels] = shapeOf(model.mapFeatures[0] as string) as Shape;
    expect(shapeOf('pooled')?.slice(0, 2)).toEqual([5, channels]);
  });

  test('its gates can be asked for, or left out', () => {
    const options = { ...small, gates: true };
    const gates = [...model.create(options).outputs.keys()].filter(
      (name) => name.startsWith('backbone.body.') || name.startsWith('roi_heads.'),
    );
    expect(gates.length > 0).toBe(model.se);
    const without = model.create({ ...options, se: false });
    expect(without.nodes.some(({ op }) => op === 'scale')).toBe(false);
  });
});

test('a name that is none, an option that is none', () => {
  expect(() => findDetector('fasterrcnn_resnet50')).toThrow(InputError);
  expect(() => findDetector('fasterrcnn_resnet50')).toThrow(/did you mean .*fasterrcnn_resnet50_fpn/);
  const { create } = findDetector('fasterrcnn_resnet50_fpn');
  for (const size of [undefined, 64, [64], [64, 0], [64, 1.5], ['64', 64]]) expect(() => create({ size } as never)).toThrow(InputError);
  for (const wrong of [{ regions: 0 }, { batch: -1 }, { classes: 1.5 }])
    expect(() => create({ size: [64, 64], ...wrong })).toThrow(InputError);
  expect(() => findModel('fasterrcnn_resnet50_fpn')).toThrow(InputError);
});

import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { type CreateClassifierOptions, createClassifier } from '../../src/classifier/create.js';
import { presetMetadata, readTrained } from '../../src/classifier/trained.js';
import { InputError, WeightsError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import type { Graph } from '../../src/graph/graph.js';
import { isOnnxFile } from '../../src/io/onnxFile.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { bytesSource } from '../../src/io/source.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { toOnnx } from '../../src/onnx/index.js';
import { presets } from '../../src/pretrained/preset.js';
import { externalised } from '../support/files/external.js';

const graph = createModel('senet/se_resnet8_cifar10', { size: 16, classes: 3 });
const weights = syntheticWeights(graph, { seed: 5 });
const names = [{ name: 'n01440764 tench' }, { name: 'cat, or dog' }, { name: 'neither', synset: 'n02085620' }];
const picture = { width: 20, height: 16, data: Uint8Array.from({ length: 960 }, (_, i) => (37 * i) % 256) };

/** The same network, whose file ends in probabilities, as PaddleOCR's do. */
const withSoftmax = (of: Graph): Graph => {
  const last = of.outputs.get('logits') as number;
  const node = { id: of.nodes.length, op: 'softmax', inputs: [last], attrs: {}, shape: [1, 3] } as const;
  return { ...of, nodes: [...of.nodes, node], outputs: new Map([['probabilities', node.id]]) };
};

let file: Uint8Array;
beforeAll(async () => {
  const preset = { ...presets.caffe, size: 16 };
  file = await toOnnx(graph, weights, { metadata: { 'senet.model': 'senet/se_resnet8_cifar10', ...presetMetadata(preset, names) } });
});

test('labels and preset are those of the file, and gates are named as there', async () => {
  using classifier = await createClassifier({ weights: file, gates: true });
  expect(classifier.network).toMatchObject({
    id: 'senet/se_resnet8_cifar10',
    classes: 3,
    preset: { size: 16, range: 255, mean: [123, 117, 104] },
  });
  expect(classifier.network.labels?.[2]).toEqual(names[2]);
  const { top, gates, logits } = await classifier.classify(picture);
  expect(top).toHaveLength(3);
  expect([...gates.keys()]).toContain('layer1.0.se.gate');
  const image = await classifier.prepare(picture);
  const ones = new Map([...gates].map(([name, gate]) => [name, gate.map(() => 1)]));
  expect((await classifier.run(image, { gates: ones })).logits).not.toEqual(logits);
});

test('probabilities that the file computes are not taken for logits', async () => {
  const options = { algorithms: 'direct', kernels: 'strict', labels: ['a', 'b', 'c'] } as const;
  using plain = await createClassifier({ ...options, weights: await toOnnx(graph, weights) });
  using softened = await createClassifier({ ...options, weights: await toOnnx(withSoftmax(graph), weights) });
  expect((await softened.classify(picture)).logits).toEqual((await plain.classify(picture)).logits);
});

test('a worker takes it too', async () => {
  using classifier = await createClassifier({ weights: file, worker: true });
  expect(classifier.network.labels?.map(({ name }) => name)[1]).toBe('cat, or dog');
  expect((await classifier.classify(picture)).top).toHaveLength(3);
});

describe('weights in another file', () => {
  let model: Uint8Array;
  let data: Uint8Array;
  beforeAll(async () => {
    ({ model, data } = await externalised(file, 'weights.bin'));
  });
  const logitsOf = async (options: CreateClassifierOptions) => {
    using classifier = await createClassifier({ algorithms: 'direct', kernels: 'strict', ...options });
    return (await classifier.classify(picture)).logits;
  };

  test.each([false, true])('are opened by their path, in a worker: %s', async (worker) => {
    const external = async (path: string) => (path === 'weights.bin' ? new Blob([Uint8Array.from(data)]) : undefined);
    expect(await logitsOf({ weights: model, external, worker } as CreateClassifierOptions)).toEqual(await logitsOf({ weights: file }));
  });

  test.each([false, true])('what cannot be opened is one error that names tensor and file, in a worker: %s', async (worker) => {
    const none = { weights: model, worker } as CreateClassifierOptions;
    const missing = await createClassifier({ ...none, external: () => undefined }).catch((thrown: unknown) => thrown);
    expect(missing).toBeInstanceOf(WeightsError);
    expect((missing as Error).message).toMatch(/tensor \S+: expected its values in "weights\.bin", found no such file/);
    const short = createClassifier({ ...none, external: () => data.slice(0, -1) });
    await expect(short).rejects.toThrow(/tensor \S+: expected bytes \d+ to \d+ in "weights\.bin", found a file of \d+/);
    await expect(createClassifier(none)).rejects.toThrow(/found no such file given: \{ external \} opens it/);
    const broken = new RangeError('broken');
    const thrown = await createClassifier({ ...none, external: () => Promise.reject(broken) }).catch((error: unknown) => error);
    expect(thrown).toBe(broken);
    await expect(createClassifier({ ...none, external: 'weights.bin' as never })).rejects.toThrow(/external is a function, not/);
  });
});

describe('what does not classify square colour pictures is an InputError', () => {
  const odd = (shape: readonly number[]): Promise<Uint8Array> =>
    toOnnx(
      build(shape, (image) => image.graph.emit('relu', [image], {})),
      new Map(),
    );
  test.each<readonly [string, () => Promise<Uint8Array>, RegExp]>([
    ['a picture that is no square', () => odd([1, 3, 8, 16]), /square colour pictures.*\[1, 3, 8, 16\]/],
    ['grey', () => odd([1, 1, 8, 8]), /square colour pictures.*\[1, 1, 8, 8\]/],
    ['planes', () => odd([1, 3, 8, 8]), /network that classifies.*\[1, 3, 8, 8\] as logits/],
    ['features', () => odd([1, 3]), /input of images \[N, C, H, W\], found \[1, 3\]/],
  ])('%s', async (_, make, message) => {
    const error = await createClassifier({ weights: await make() }).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toMatch(message);
  });

  test('a model beside it', async () => {
    await expect(createClassifier({ weights: file, model: 'resnet18' })).rejects.toThrow(/expected no model beside it, found resnet18/);
  });
});

test('ONNX is told by how a file begins, and no other format is taken for it', async () => {
  const is = (bytes: Uint8Array) => isOnnxFile(bytesSource(bytes));
  expect(await is(file)).toBe(true);
  for (const name of ['mobilenet_v3_small-narrow', 'qlinear', 'shapes.opset13'])
    expect(await is(new Uint8Array(await readFile(`test/fixtures/onnx/${name}.onnx`))), name).toBe(true);
  expect(await is(saveSafetensors(weights))).toBe(false);
  for (const bytes of [[], [8], [0x0a, 4, 110, 101], [0x80, 2], [0x50, 0x4b, 3, 4], [8, 1, 0x12, 0, 0, 0, 0, 0, 0x7b]])
    expect(await is(Uint8Array.from(bytes)), String(bytes)).toBe(false);
});

test('every preset is read as it was written, but for the size of tests', () => {
  for (const [name, preset] of Object.entries(presets)) {
    const { test: _, ...images } = { test: undefined, ...preset };
    expect(readTrained('a', presetMetadata(preset, undefined)).preset, name).toEqual(images);
  }
});

import { describe, expect, test } from 'vitest';
import { openCheckpoint, recognise } from '../../src/checkpoints/index.js';
import { createClassifier } from '../../src/classifier/create.js';
import { WeightsError } from '../../src/errors.js';
import { floatsFromHalves, halvesFromFloats } from '../../src/io/half.js';
import { bytesOf } from '../support/files/bytes.js';
import { type GgufOptions, type GgufTensor, type GgufValue, gguf } from '../support/files/gguf.js';
import { itemsOf, published, valuesOf } from '../support/files/published.js';

/** A file as QVAC's (docs/spec/checkpoints.md §6.3): torchvision's names and shapes, three classes, halves; counters are float32. */
const id = 'torchvision/mobilenet_v3_small';
const row = published.find((row) => row.id === id) as (typeof published)[number];
const classes = ['food', 'report', 'other'];
const tensors: readonly GgufTensor[] = itemsOf(row).map(({ name, type, shape }) => {
  if (type === 'Long') return { name, type: 'F32', shape, bytes: bytesOf(Float32Array.of(1000)) };
  const own = name.startsWith('classifier.3.') ? [classes.length, ...shape.slice(1)] : shape;
  return { name, type: 'F16', shape: own, bytes: bytesOf(halvesFromFloats(valuesOf(name, own).data)) };
});

const key = (name: string, kind: 'u32' | 'f32', value: number): readonly [string, GgufValue] => [`mobilenet.${name}`, { kind, value }];
const metadata: GgufOptions['metadata'] = [
  ['general.architecture', { kind: 'string', value: 'mobilenetv3-small' }],
  ...[key('num_classes', 'u32', classes.length), key('image_size', 'u32', 224)],
  ...[key('mean_r', 'f32', 0.485), key('mean_g', 'f32', 0.456), key('mean_b', 'f32', 0.406)],
  ...[key('std_r', 'f32', 0.229), key('std_g', 'f32', 0.224), key('std_b', 'f32', 0.225)],
  ...classes.map((value, i) => [`mobilenet.class_${i}`, { kind: 'string', value }] as const),
];

describe("QVAC's MobileNetV3-Small", () => {
  test('has 244 tensors, is recognised, and its weights are the halves, under their names and in their shapes', async () => {
    expect(tensors.length).toBe(244);
    const checkpoint = await openCheckpoint(gguf(tensors, { metadata }));
    const { model, classes: found, same, ignored, graph, weights } = await recognise(checkpoint);
    expect([model, found, same, ignored.size]).toEqual([id, 3, [], 0]);
    expect(graph.outputs.size).toBe(1);
    const expected = tensors.filter(({ type }) => type === 'F16');
    expect([...weights.keys()].toSorted()).toEqual(expected.map(({ name }) => name).toSorted());
    for (const { name, shape, bytes } of expected) {
      const { shape: own, data } = weights.get(name as string) ?? { shape: [], data: [] };
      const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
      expect([own, Buffer.compare(bytesOf(data as Float32Array), bytesOf(floatsFromHalves(halves)))], String(name)).toEqual([shape, 0]);
    }
  });

  test('a classifier has its labels and images', async () => {
    using classifier = await createClassifier({ weights: gguf(tensors, { metadata }) });
    const { id: network, labels, preset, notes } = classifier.network;
    expect([network, labels?.map(({ name }) => name), notes]).toEqual([id, classes, []]);
    expect(preset).toEqual({ size: 224, cropRatio: 1, filter: 'bilinear', mean: [0.485, 0.456, 0.406], std: [0.229, 0.224, 0.225] });
  });

  test('a quantised tensor that the network needs is an error by its name and type', async () => {
    const name = 'classifier.0.weight';
    const blocks = tensors.map(
      (tensor): GgufTensor => (tensor.name === name ? { ...tensor, type: 'Q8_0', bytes: new Uint8Array((1024 * 576 * 34) / 32) } : tensor),
    );
    const error = await recognise(await openCheckpoint(gguf(blocks))).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect(error).toMatchObject({
      tensor: name,
      message: expect.stringMatching(/expected F32, F16, BF16 or F64, found Q8_0, which is quantised$/),
    });
  });
});

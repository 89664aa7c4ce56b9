import * as ort from 'onnxruntime-web';
import { describe, expect, test } from 'vitest';
import { InputError, UnsupportedError, WeightsError } from '../../src/errors.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { floatsFromHalves, halvesFromFloats } from '../../src/io/half.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel, listModels } from '../../src/models/index.js';
import { graphOfOnnx, readOnnx, type ToOnnxOptions, toOnnx } from '../../src/onnx/index.js';
import type { Tensor } from '../../src/tensor.js';
import { exactly, expectAgreement } from '../reference/agree.js';
import { bytesOf } from '../support/files/bytes.js';
import { long } from '../support/length.js';

async function onOrt(file: Uint8Array, input: Tensor): Promise<ReadonlyMap<string, Tensor>> {
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create(file, { executionProviders: ['wasm'] });
  const results = await session.run({ input: new ort.Tensor('float32', Float32Array.from(input.data), input.shape) });
  await session.release();
  return new Map(Object.entries(results).map(([name, { dims, data }]) => [name, { shape: [...dims], data: data as Float32Array }]));
}

const imageOf = (graph: Graph): Tensor => syntheticTensor('input', graph.nodes[0]?.shape ?? [], 1);

/** Of networks whose stem pads nothing, the least that leaves a plane to the last convolution. */
const least = (id: string): number => (/inception_?resnet/.test(id) ? 80 : 64);

/** The first of each family that ships small, and all of them in the long run, at a size that takes little time. */
const networks = long
  ? listModels().map(({ id, size }) => [id, Math.min(size, least(id))] as const)
  : ([
      ['senet/se_resnet8_cifar10', 16],
      ['pytorchcv/sepreresnet20_cifar10', 16],
      ['torchvision/mobilenet_v3_small', 32],
      ['pytorchcv/mobilenet_w1', 32],
      ['timm/efficientnet_b0', 32],
      ['timm/regnety_002', 32],
      ['pytorchcv/shufflenet_g3_w1', 32],
      ['caffe/SE-BN-Inception', 32],
      ['timm/legacy_seresnet18', 32],
    ] as const);

describe('what is written is the same network to onnxruntime, gates too', () => {
  test.each(networks)('%s', { timeout: 120_000 }, async (id, size) => {
    const hasGates = listModels().find((model) => model.id === id)?.se === true;
    const graph = createModel(id, { size, classes: 5, gates: hasGates });
    const weights = syntheticWeights(graph, { seed: 1 });
    const image = imageOf(graph);
    expectAgreement(graph, await onOrt(await toOnnx(graph, weights), image), exactly(graph, weights, image));
  });
});

const small = createModel('senet/se_resnet8_cifar10', { size: 16 });
const weights = syntheticWeights(small, { seed: 2 });

describe('operator sets are read back, and run by onnxruntime', () => {
  test.each([13, 14, 17, 19, 21])('%i', async (opset) => {
    const graph = createModel('timm/tf_mobilenetv3_small_100', { size: 32, classes: 5 });
    const own = syntheticWeights(graph, { seed: 3 });
    const file = await toOnnx(graph, own, { opset });
    const model = await readOnnx(file);
    expect(model.opset).toBe(opset);
    expect(model.nodes.some(({ op }) => op === 'HardSwish')).toBe(opset >= 14);
    const { graph: read, weights: readWeights } = graphOfOnnx(model);
    const image = imageOf(graph);
    const expected = exactly(graph, own, image);
    expectAgreement(read, evaluate(read, reference(readWeights, { input: image })), expected);
    expectAgreement(graph, await onOrt(file, image), expected);
  });
});

test('values are called as the modules that return them, and inputs, outputs and weights as in the graph', async () => {
  const { nodes, initializers, inputs, outputs, opset, ir } = await readOnnx(await toOnnx(small, weights));
  expect([opset, ir, inputs[0]?.name, outputs.map(({ name }) => name)]).toEqual([17, 8, 'input', ['logits']]);
  const values = new Set(nodes.flatMap((node) => node.outputs));
  for (const name of ['conv1', 'bn1', 'layer1.0.conv1', 'logits']) expect(values, name).toContain(name);
  for (const name of weights.keys()) expect(initializers.has(name), name).toBe(true);
});

test('in half precision, matrices and filters are rounded once, vectors and everything computed stay float32', async () => {
  const file = await toOnnx(small, weights, { dtype: 'F16' });
  expect(file.length).toBeLessThan(0.6 * (await toOnnx(small, weights)).length);
  const rounded = new Map(
    [...weights].map(([name, tensor]) => [
      name,
      tensor.shape.length > 1 ? { ...tensor, data: floatsFromHalves(halvesFromFloats(tensor.data)) } : tensor,
    ]),
  );
  const { graph, weights: read } = graphOfOnnx(await readOnnx(file));
  const byValues = (tensors: ReadonlyMap<string, Tensor>): readonly string[] =>
    [...tensors.values()].map(({ data }) => Buffer.from(bytesOf(data)).toString('base64')).sort();
  expect(byValues(read)).toEqual(byValues(rounded));
  const image = imageOf(small);
  const expected = exactly(small, rounded, image);
  expectAgreement(small, await onOrt(file, image), expected);
  expectAgreement(graph, evaluate(graph, reference(read, { input: image })), expected);
});

test('metadata are read back, long ones too', async () => {
  const metadata = { 'senet.model': 'senet/se_resnet8_cifar10', 'senet.labels': JSON.stringify(Array(1000).fill('a name of some length')) };
  expect((await readOnnx(await toOnnx(small, weights, { metadata }))).metadata).toEqual(metadata);
});

describe('what cannot be written is refused before it is', () => {
  const without = new Map([...weights].slice(1));
  const [name = '', tensor] = [...weights].find(([, { shape }]) => shape.length > 1) ?? [];
  const large = new Map([...weights, [name, { ...(tensor as Tensor), data: (tensor as Tensor).data.map(() => 65520) }] as const]);
  test.each<readonly [string, ReadonlyMap<string, Tensor>, unknown, new (...given: never) => Error, RegExp]>([
    ['a missing weight', without, {}, WeightsError, /tensor .* is missing/],
    ['what float16 does not hold', large, { dtype: 'F16' }, WeightsError, /holds 65520 at index 0, more than float16 holds/],
    ['an operator set', weights, { opset: 12 }, UnsupportedError, /operator sets 13 to 21, not 12/],
    ['a type', weights, { dtype: 'BF16' }, InputError, /F32 or F16, not BF16/],
    ['metadata', weights, { metadata: { a: 1 } }, InputError, /metadata are texts by key/],
    ['options', weights, null, InputError, /toOnnx takes options/],
  ])('%s', async (_, given, options, kind, message) => {
    const error = await toOnnx(small, given, options as ToOnnxOptions).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toMatch(message);
  });
});

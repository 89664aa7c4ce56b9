import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { openOrtFile } from '../../reference/engines/ortFile.js';
import { build } from '../../src/graph/build.js';
import { parameters } from '../../src/graph/count.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import {
  add,
  bn,
  channelShuffle,
  conv,
  globalAvgPool,
  globalMaxPool,
  hardSwish,
  linear,
  maxPool2d,
  relu,
  relu6,
  silu,
  tanh,
} from '../../src/models/layers.js';
import { squeezeExcite } from '../../src/models/squeezeExcite.js';
import { graphOfOnnx, type OnnxGraph, readOnnx, toOnnx } from '../../src/onnx/index.js';
import { lookupOf, observe } from '../../src/quant/calibrate.js';
import { quantisedWith } from '../../src/quant/graph.js';
import { quantisedWeights } from '../../src/quant/weights.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { compareEngines, namedValues } from '../../src/verify/nodewise.js';
import { compile } from '../../src/wasm/session.js';
import { floats, type NodePart, onnxFile, s8, type TensorPart, u8 } from '../support/files/onnx.js';
import { long } from '../support/length.js';
import { opsOf } from './run.js';

interface Quantised {
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
}

const imageFor = (graph: Graph, seed: number): Tensor => syntheticTensor('input', graph.nodes[0]?.shape ?? [], seed);

/** Drawn weights, calibrated on drawn images. */
async function quantised(graph: Graph): Promise<Quantised> {
  const weights = syntheticWeights(graph, { seed: 3, gain: 1.2 });
  async function* images(): AsyncGenerator<Tensor, void, undefined> {
    for (const seed of [1, 2]) yield imageFor(graph, seed);
  }
  const observed = await observe(graph, weights, images(), (given, tensors) => compile(given, tensors, { tile: '4x8' }));
  const made = quantisedWith(graph, lookupOf(observed, 'min-max'), new Set());
  return { graph: made.graph, weights: quantisedWeights(graph, made, weights) };
}

/** Every op that a quantised network of the zoo may have, the integers of two pools among them. */
const everyOp = build(
  [1, 3, 12, 12],
  (image) => {
    const stem = relu(bn(conv(image, 'stem', { out: 16, kernel: 3, stride: 2 }), 'stem.bn'));
    let x = maxPool2d(stem, { kernel: 3, stride: 2, padding: 1, rounding: 'floor' });
    x = channelShuffle(hardSwish(bn(conv(x, 'a', { out: 24, kernel: 3, groups: 4 }), 'a.bn')), 3);
    const y = silu(conv(x, 'b', { out: 24, kernel: 3, groups: 24, padding: 1 }));
    x = relu(add(squeezeExcite(y, 'se', { squeezed: 4, gate: 'gate' }), x));
    x = image.graph.emit(
      'concat',
      [relu6(conv(x, 'c', { out: 8, kernel: 1 })), image.graph.emit('channelSlice', [x], { begin: 4, channels: 8 })],
      {},
    );
    x = squeezeExcite(x, 'last', { squeezed: 4, gate: 'sigmoid' });
    const pooled = tanh(linear(relu(linear(globalMaxPool(x), 'fc1', 8)), 'fc2', 8));
    return add(pooled, linear(globalAvgPool(x), 'fc', 8));
  },
  { gates: false },
);

/** Its ReLUs behind a concatenation are floats between integers, which are read back as one function of integers: the same bits. */
const readShorter = 'pytorchcv/shufflenet_g3_w1';

const networks: readonly (readonly [string, Graph])[] = [
  ['every op', everyOp],
  long
    ? ['the network that ships', createModel('senet/se_resnet20x2_cifar10', { size: 16 })]
    : ['a small network of its form', createModel('senet/se_resnet8_cifar10', { size: 16 })],
  ['MobileNetV3', createModel('timm/mobilenetv3_small_100', { size: 32, classes: 5 })],
  ...(long ? [readShorter, 'caffe/SE-BN-Inception', 'pytorchcv/sepreresnet20_cifar10', 'timm/regnety_002'] : []).map(
    (id) => [id, createModel(id, { size: 32, classes: 5 })] as const,
  ),
  ...(long ? [['EfficientNet', createModel('timm/efficientnet_b0', { size: 32, classes: 5 })] as const] : []),
  ...(long ? [['SE-ResNeXt', createModel('timm/seresnext26d_32x4d', { size: 48, classes: 5 })] as const] : []),
];

const opsets = [13, 14, 15, 16, 17, 18, 19, 20, 21];

const run = ({ graph, weights }: Quantised | OnnxGraph, input: Tensor): Tensor['data'] =>
  (evaluate(graph, reference(weights, { input })).values().next().value as Tensor).data;

/**
 * What onnxruntime gives for every value that the file has, held to what an engine may give; those that are beyond it. Its sigmoid is a quotient of
 * polynomials, 4 % beyond the bound of ours (1.30): of those the gates are made of, only the integers behind them are held.
 */
async function onOrt(file: Uint8Array, { graph, weights }: OnnxGraph, image: Tensor) {
  const values = namedValues(graph).flatMap(({ name }) => (graph.outputs.has(name) ? [] : [name]));
  const session = await openOrtFile(file, { values });
  const found = await session.run({ input: image });
  await session.dispose();
  const run = { engine: 'ort', version: session.version, values: found, outputs: found };
  const { tensors } = compareEngines(graph, weights, image, [run]);
  const told = tensors.filter(({ engines }) => 'ort' in engines);
  const beyond = told.filter(({ op, engines }) => op !== 'sigmoid' && !((engines.ort?.ratio ?? 0) <= 1)).map(({ name }) => name);
  return { tensors, told, beyond };
}

describe('a quantised network is written as QDQ', () => {
  test.each(networks)(
    '%s: read back it is the same ops, integers and bits; every integer of onnxruntime is one that the file allows',
    {
      timeout: 300_000,
    },
    async (name, graph) => {
      const made = await quantised(graph);
      const file = await toOnnx(made.graph, made.weights, { opset: opsets[name.length % opsets.length] as number });
      const read = graphOfOnnx(await readOnnx(file), { gates: true });
      const scaled = graph.nodes.filter(({ op }) => op === 'scale');
      expect(read.gates.size).toBe(scaled.length);
      const asMade = name !== readShorter;
      if (asMade) expect([...opsOf(read.graph)].sort()).toEqual([...opsOf(made.graph)].sort());
      const wholes = ({ graph: of, weights }: Quantised): readonly string[] =>
        parameters(of).flatMap(({ name: parameter }, i) => {
          const node = of.nodes[of.parameters[i] as number];
          return node?.op === 'param' && node.attrs.dtype ? [[...(weights.get(parameter) as Tensor).data].join()] : [];
        });
      expect([...wholes(read)].sort()).toEqual([...wholes(made)].sort());
      const image = imageFor(graph, 9);
      const [own, other] = [
        await compile(made.graph, made.weights, { tile: '4x8' }),
        await compile(read.graph, read.weights, { tile: '4x8' }),
      ];
      expect([...other.run(image).values()][0]?.data).toEqual([...own.run(image).values()][0]?.data);
      if (asMade) expect(other.weightBytes).toBe(own.weightBytes);
      for (const session of [own, other]) session.dispose();

      const plain = graphOfOnnx(await readOnnx(file));
      const { beyond, told, tensors } = await onOrt(file, plain, image);
      expect(beyond).toEqual([]);
      expect(told).toEqual(tensors);
      expect(tensors.filter(({ op }) => op.startsWith('quantised')).length).toBeGreaterThan(10);
    },
  );
});

describe('in every operator set', async () => {
  const made = await quantised(everyOp);
  const image = imageFor(everyOp, 5);
  const expected = run(made, image);
  test.each(opsets)('%i', async (opset) => {
    const file = await toOnnx(made.graph, made.weights, { opset });
    const model = await readOnnx(file);
    expect(model.opset).toBe(opset);
    const read = graphOfOnnx(model);
    expect(run(read, image)).toEqual(expected);
    expect((await onOrt(file, read, image)).beyond).toEqual([]);
  });

  test('an integer that is the next one, where its number is not near the middle, is beyond what engines may give', async () => {
    const read = graphOfOnnx(await readOnnx(await toOnnx(made.graph, made.weights)));
    const values = namedValues(read.graph);
    const asked: Graph = { ...read.graph, outputs: new Map(values.map(({ name, id }) => [name, id])) };
    const own = evaluate(asked, reference(read.weights, { input: image }));
    const judged = (found: ReadonlyMap<string, Tensor>) =>
      compareEngines(read.graph, read.weights, image, [{ engine: 'other', version: '', values: found, outputs: own }]).firstBeyond;
    expect(judged(own)).toBeNull();
    for (const op of ['quantise', 'quantisedConv2d', 'quantisedPointwise', 'quantisedScale'] as const) {
      const { id } = read.graph.nodes.find((node) => node.op === op) as Graph['nodes'][number];
      const { name } = values.find((value) => value.id === id) as (typeof values)[number];
      const { shape, data } = own.get(name) as Tensor;
      const next = { shape, data: data.map((q) => q + 1) as Float32Array };
      expect(judged(new Map([...own, [name, next]]))?.name, op).toBe(name);
    }
  });
});

test('values have a range of 7 bits by a Clip of integers; weights a scale per output, biases those of their products', async () => {
  const graph = createModel('senet/se_resnet8_cifar10', { size: 16 });
  const made = await quantised(graph);
  const { nodes, initializers, metadata } = await readOnnx(await toOnnx(made.graph, made.weights, { metadata: { a: 'b' } }));
  expect(metadata).toEqual({ a: 'b' });
  const of = (name: string) => nodes.find(({ outputs }) => outputs.includes(name));
  const conv1 = nodes.find(({ op }) => op === 'Conv');
  const [x, w, b] = (conv1?.inputs ?? []).map(of);
  expect([x?.op, w?.op, b?.op, w?.attributes.get('axis'), b?.attributes.get('axis')]).toEqual([
    ...['DequantizeLinear', 'DequantizeLinear', 'DequantizeLinear'],
    ...[0, 0],
  ]);
  const stored = (node: typeof w, i: number) => initializers.get(node?.inputs[i] ?? '')?.read();
  expect([stored(w, 0)?.dtype, stored(w, 2)?.dtype, stored(b, 0)?.dtype, stored(x, 2)?.dtype]).toEqual(['int8', 'int8', 'int32', 'uint8']);
  const scale = stored(x, 1)?.data[0] as number;
  expect(stored(b, 1)?.data).toEqual(stored(w, 1)?.data.map((each) => Math.fround(each * scale)));
  const written = nodes.find(({ inputs }) => inputs[0] === conv1?.outputs[0]);
  const clip = nodes.find(({ inputs }) => inputs[0] === written?.outputs[0]);
  expect([written?.op, clip?.op]).toEqual(['QuantizeLinear', 'Clip']);
  expect([clip?.inputs[1], initializers.get(clip?.inputs[2] ?? '')?.read().data[0]]).toEqual(['', 127]);
});

test('in half precision the floats that stay are rounded, and no integer', async () => {
  const graph = createModel('timm/mobilenetv3_small_100', { size: 32, classes: 5 });
  const made = await quantised(graph);
  const read = graphOfOnnx(await readOnnx(await toOnnx(made.graph, made.weights, { dtype: 'F16' })));
  const image = imageFor(graph, 2);
  expect(run(read, image)).toEqual(run(made, image));
});

describe('networks that were quantised elsewhere are written again, and give the same bits', () => {
  test.each(['qdq-u8', 'qlinear'])('%s', async (name) => {
    const model = await readOnnx(await readFile(`test/fixtures/onnx/${name}.onnx`));
    const shape = [1, ...(model.inputs[0]?.shape?.slice(1) ?? [])] as number[];
    const first = graphOfOnnx(model, { input: shape });
    const again = graphOfOnnx(await readOnnx(await toOnnx(first.graph, first.weights)));
    const image = syntheticTensor('input', shape, 4);
    expect(run(again, image)).toEqual(run(first, image));
    expect([...opsOf(again.graph)].sort()).toEqual([...opsOf(first.graph)].sort());
  });

  const quantise: NodePart = ['QuantizeLinear', ['x', 'xs', 'xz'], ['q']];
  const ends = [floats('xs', [], [0.25]), u8('xz', [], [3])];
  test.each<readonly [string, readonly number[], readonly NodePart[], readonly TensorPart[]]>([
    [
      'ranges that are found on the way',
      [2, 2],
      [
        ['DynamicQuantizeLinear', ['x'], ['q', 's', 'z']],
        ['MatMulInteger', ['q', 'w', 'z'], ['i']],
        ['Cast', ['i'], ['y'], { to: 1 }],
      ],
      [s8('w', [2, 2], [1, 2, 3, -4])],
    ],
    [
      'scales along an axis',
      [1, 2, 1, 2],
      [
        ['QuantizeLinear', ['x', 's', 'z'], ['q'], { axis: 1 }],
        ['DequantizeLinear', ['q', 's', 'z'], ['y'], { axis: 1 }],
      ],
      [floats('s', [2], [0.5, 2]), s8('z', [2], [0, 1])],
    ],
    [
      'sums of integers',
      [1, 1, 1, 2],
      [quantise, ['ConvInteger', ['q', 'w', 'xz'], ['i']], ['Cast', ['i'], ['y'], { to: 1 }]],
      [...ends, s8('w', [2, 1, 1, 1], [1, -3])],
    ],
    [
      'a matrix whose weights have zero points',
      [1, 2],
      [quantise, ['QLinearMatMul', ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'], ['r']], ['DequantizeLinear', ['r', 'ys', 'yz'], ['y']]],
      [
        ...ends,
        u8('w', [2, 2], [1, 2, 3, 9]),
        floats('ws', [2], [0.5, 0.25]),
        u8('wz', [2], [2, 4]),
        floats('ys', [], [0.5]),
        u8('yz', [], [9]),
      ],
    ],
  ])('%s', async (_, shape, nodes, initializers) => {
    const first = graphOfOnnx(await readOnnx(onnxFile({ nodes, initializers })), { input: shape });
    const file = await toOnnx(first.graph, first.weights);
    const again = graphOfOnnx(await readOnnx(file));
    const image = tensor(
      shape,
      Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_each, i) => 1.3 * i - 0.7),
    );
    expect(run(again, image)).toEqual(run(first, image));
    const session = await openOrtFile(file);
    expect([...(await session.run({ input: image })).values()][0]?.data).toEqual(run(first, image));
    await session.dispose();
  });
});

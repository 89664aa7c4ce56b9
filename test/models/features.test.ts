import { describe, expect, test } from 'vitest';
import { checkSegments } from '../../src/bound/segments.js';
import { InputError, PlanError } from '../../src/errors.js';
import { build } from '../../src/graph/build.js';
import { count } from '../../src/graph/count.js';
import { type FeatureInfo, featureInfo } from '../../src/graph/features.js';
import type { Graph } from '../../src/graph/graph.js';
import { runsOf } from '../../src/graph/modules.js';
import { prune } from '../../src/graph/prune.js';
import { training } from '../../src/graph/training.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel, findModel, listModels } from '../../src/models/index.js';
import { conv, feature, globalAvgPool, linear, relu } from '../../src/models/layers.js';
import type { Node, NodeId } from '../../src/ops/op.js';
import type { Shape, Tensor } from '../../src/tensor.js';
import { compile } from '../../src/wasm/session.js';
import { long } from '../support/length.js';

const brief = (graph: Graph) => featureInfo(graph).map(({ name, channels, reduction }) => [name, channels, reduction]);
const shapeOf = ({ nodes }: Graph, id: NodeId): Shape => (nodes[id] as Node).shape;

/** timm 1.0's `feature_info`, as its sources write it: module, channels, reduction. */
const published: Readonly<Record<string, readonly (readonly [string, number, number])[]>> = {
  'timm/resnet18': [
    ['act1', 64, 2],
    ['layer1', 64, 4],
    ['layer2', 128, 8],
    ['layer3', 256, 16],
    ['layer4', 512, 32],
  ],
  'timm/seresnext50_32x4d': [
    ['act1', 64, 2],
    ['layer1', 256, 4],
    ['layer2', 512, 8],
    ['layer3', 1024, 16],
    ['layer4', 2048, 32],
  ],
  'timm/senet154': [
    ['act1', 128, 2],
    ['layer1', 256, 4],
    ['layer2', 512, 8],
    ['layer3', 1024, 16],
    ['layer4', 2048, 32],
  ],
  'timm/legacy_seresnet50': [
    ['layer0', 64, 2],
    ['layer1', 256, 4],
    ['layer2', 512, 8],
    ['layer3', 1024, 16],
    ['layer4', 2048, 32],
  ],
  'timm/legacy_senet154': [
    ['layer0', 128, 2],
    ['layer1', 256, 4],
    ['layer2', 512, 8],
    ['layer3', 1024, 16],
    ['layer4', 2048, 32],
  ],
  'timm/vgg16_bn': [
    ['features.5', 64, 1],
    ['features.12', 128, 2],
    ['features.22', 256, 4],
    ['features.32', 512, 8],
    ['features.42', 512, 16],
    ['features.43', 512, 32],
  ],
  'timm/inception_resnet_v2': [
    ['conv2d_2b', 64, 2],
    ['conv2d_4a', 192, 4],
    ['repeat', 320, 8],
    ['repeat_1', 1088, 16],
    ['conv2d_7b', 1536, 32],
  ],
  'timm/mobilenetv1_100': [
    ['blocks.0', 64, 2],
    ['blocks.1', 128, 4],
    ['blocks.2', 256, 8],
    ['blocks.3', 512, 16],
    ['blocks.4', 1024, 32],
  ],
  'timm/mobilenetv3_small_100': [
    ['bn1', 16, 2],
    ['blocks.0', 16, 4],
    ['blocks.1', 24, 8],
    ['blocks.3', 48, 16],
    ['blocks.5', 576, 32],
  ],
  'timm/mobilenetv3_large_100': [
    ['blocks.0', 16, 2],
    ['blocks.1', 24, 4],
    ['blocks.2', 40, 8],
    ['blocks.4', 112, 16],
    ['blocks.6', 960, 32],
  ],
  'timm/efficientnet_b0': [
    ['blocks.0', 16, 2],
    ['blocks.1', 24, 4],
    ['blocks.2', 40, 8],
    ['blocks.4', 112, 16],
    ['blocks.6', 320, 32],
  ],
  'timm/regnety_004': [
    ['stem', 32, 2],
    ['s1', 48, 4],
    ['s2', 104, 8],
    ['s3', 208, 16],
    ['s4', 440, 32],
  ],
};

test.each(Object.entries(published))("%s: the features are those of timm's feature_info", (id, features) => {
  expect(brief(createModel(id))).toEqual(features);
});

/** Cadene's BN-Inception concatenates outside of any module; Caffe's blobs have these names. */
const blobs = /^(cadene\/bninception|senet\/bninception) inception_(3b|4d|5b)$/;

describe.each(listModels().map(({ id }) => id))('%s', (id) => {
  const graph = createModel(id);
  const info = featureInfo(graph);

  test('a feature is what the module of its name returns, of the shape that is told', () => {
    expect(info.length).toBeGreaterThan(2);
    expect(new Set(info.map(({ name }) => name)).size).toBe(info.length);
    for (const { name, channels, reduction } of info) {
      const node = graph.features?.get(name) as NodeId;
      if (!blobs.test(`${id} ${name}`)) expect(graph.modules?.get(name), name).toEqual([node]);
      const [, C, H, W] = shapeOf(graph, node);
      expect([C, H], name).toEqual([channels, W]);
      const loss = id.includes('inception') ? 8 : 0; // convolutions without padding, and ceilings
      expect(Math.abs(Math.ceil(findModel(id).size / reduction) - (H as number)), name).toBeLessThanOrEqual(loss);
    }
    const reductions = info.map(({ reduction }) => reduction);
    expect(reductions).toEqual(reductions.toSorted((a, b) => a - b));
  });

  test('asked for, features are outputs of the same nodes, beside logits and gates', () => {
    const { nodes, outputs } = createModel(id, { features: true, gates: true });
    expect(nodes).toEqual(graph.nodes);
    const gates = [...createModel(id, { gates: true }).outputs];
    expect([...outputs]).toEqual([...gates, ...(graph.features as ReadonlyMap<string, NodeId>)]);
    const last = info.at(-1) as FeatureInfo;
    expect([...createModel(id, { features: [last.name] }).outputs.keys()]).toEqual(['logits', last.name]);
  });
});

/** One network of each file of models, at a size at which the kernels take milliseconds. */
const small: Readonly<Record<string, number>> = {
  'timm/legacy_seresnet18': 32,
  'pytorchcv/sepreresnet20_cifar10': 16,
  'caffe/SE-BN-Inception': 32,
  'senet/se_mobilenetv1_100': 32,
  'senet/se_shufflenet_g3_w1': 32,
  'timm/mobilenetv3_small_100': 32,
  'torchvision/mobilenet_v3_large': 32,
  'timm/tf_efficientnet_b0': 32,
  'torchvision/regnet_y_400mf': 32,
};

/** Their weights alone are hundreds of megabytes. */
const large: typeof small = { 'senet/se_vgg16_bn': 32, 'senet/se_inception_resnet_v2': 75 };

/** Multiply-adds beyond which the reference takes too long. */
const most = 50e6;

describe.each(Object.entries({ ...small, ...(long ? large : {}) }))('%s at %i pixels', (id, size) => {
  const plain = createModel(id, { size, classes: 4 });
  const graph = createModel(id, { size, classes: 4, features: true });
  const features = [...(graph.features as ReadonlyMap<string, NodeId>)];
  const input = syntheticTensor('input', [1, 3, size, size], 1);
  const weights = syntheticWeights(graph, { seed: 1, gain: 1 });
  const run = async (of: Graph, algorithms: 'direct' | 'fast') => {
    using session = await compile(of, weights, { algorithms, tile: '4x8' });
    return session.run(input);
  };

  test.each(['direct', 'fast'] as const)('%s: logits keep their bits', async (algorithms) => {
    const outputs = await run(graph, algorithms);
    expect([...outputs.keys()]).toEqual(['logits', ...features.map(([name]) => name)]);
    expect(outputs.get('logits')).toEqual((await run(plain, algorithms)).get('logits'));
    for (const [name, node] of features) {
      expect(outputs.get(name)?.shape, name).toEqual(shapeOf(graph, node));
      expect(
        outputs.get(name)?.data.some((value) => value !== outputs.get(name)?.data[0]),
        name,
      ).toBe(true);
    }
  });

  if (count(graph).macs > most)
    test('each has the bits that it has alone', async () => {
      const outputs = await run(graph, 'direct');
      for (const [name, node] of [features[1], features.at(-1)] as typeof features)
        expect(outputs.get(name), name).toEqual((await run({ ...plain, outputs: new Map([['alone', node]]) }, 'direct')).get('alone'));
    });
  else
    test('each lies within its bound of the reference, run from the one before', async () => {
      const outputs = await run(graph, 'direct');
      const dumped = features.map(([name, node]) => ({ name, id: node, tensor: outputs.get(name) as Tensor }));
      const checked = checkSegments(graph, weights, input, dumped);
      expect(checked.length).toBe(features.length);
      for (const { name, ratio, at } of checked) expect(ratio, `${name} ${JSON.stringify(at)}`).toBeLessThanOrEqual(1);
    });
});

describe("of a network of one's own", () => {
  const model = build([1, 3, 9, 9], (image) => {
    const x = feature(relu(conv(image, 'conv1', { out: 4, kernel: 3, stride: 2 })), 'stage1');
    return linear(globalAvgPool(feature(conv(x, 'conv2', { out: 6, kernel: 3, stride: 2 }), 'stage2')), 'fc', 2);
  });

  test('they are told of, go by their names, and stay when the graph is written anew or pruned', () => {
    const told = [
      ['stage1', 4, 2],
      ['stage2', 6, 4],
    ];
    for (const graph of [model, prune(model), training(model)]) expect(brief(graph)).toEqual(told);
    expect(runsOf(model, 'stage2')).toEqual([model.features?.get('stage2')]);
  });

  test('a name twice, one that there is not, and all of none are errors', () => {
    const none = (image: Parameters<typeof relu>[0]) => relu(image);
    expect(() => build([1], none, { features: true })).toThrow(InputError);
    expect(() => build([1], none, { features: true })).toThrow('the network marks no features');
    expect(() => createModel('resnet18', { features: ['layer5'] })).toThrow('no feature is called layer5 (did you mean layer1');
    expect(() => build([1], (x) => feature(feature(x, 'a'), 'a'))).toThrow(PlanError);
    expect(featureInfo(build([1], none))).toEqual([]);
    const lost = { ...model, features: new Map([['stage1', 99]]) };
    expect(() => featureInfo(lost)).toThrow('feature stage1 is node 99, which the graph does not have');
  });
});

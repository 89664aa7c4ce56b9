import { expect, test } from 'vitest';
import { SenetError } from '../src/errors.js';
import * as senet from '../src/index.js';
import { misuses } from './support/junk.js';

const graph = senet.createModel('legacy_seresnet18', { size: 32, classes: 2 });
const weights = senet.syntheticWeights(graph, { seed: 1 });
const image = senet.syntheticTensor('input', [1, 3, 32, 32], 1);
const tiny = senet.createModel('senet/se_resnet8_cifar10', { size: 8 });
const tinyWeights = senet.syntheticWeights(tiny, { seed: 1 });
const thumbnail = senet.syntheticTensor('input', [1, 3, 8, 8], 1);
const pixels = { width: 2, height: 2, data: new Uint8Array(12) };
const options = { resize: 2, filter: 'bilinear', crop: 2 } as const;

/** Where a layer takes a value under construction: a plane of four channels. */
const x = Symbol('x');
const pool = { kernel: 2, stride: 2 };

const groundTruth = {
  images: [{ id: 1 }],
  annotations: [{ id: 1, image_id: 1, category_id: 1, bbox: [0, 0, 2, 2], area: 4 }],
  categories: [{ id: 1, name: 'cat' }],
};

/** As much of a classifier as an ensemble looks at. */
const member = { network: { name: 'x', classes: 2, labels: undefined }, classify: () => undefined, dispose: () => undefined };
/** Every function of the package with arguments that it takes; errors' classes are for those who catch them. */
const calls: Partial<Record<keyof typeof senet, readonly unknown[]>> = {
  identify: [{ format: 'safetensors', metadata: {}, tensors: new Map(), load: () => undefined }, 'resnet18'],
  recognise: [{ format: 'safetensors', metadata: {}, tensors: new Map(), load: () => undefined }, 'resnet18'],
  build: [[1, 3, 8, 8], (image: senet.Value) => senet.relu(image), { gates: true }],
  adaptiveAvgPool2d: [x, [2, 2]],
  add: [x, x],
  avgPool2d: [x, pool],
  bn: [x, 'bn', 1e-5, 'normed'],
  channels: [x],
  channelShuffle: [x, 2],
  concat: [[x, x]],
  conv: [x, 'conv', { out: 2, kernel: 1 }],
  convEach: [[x, x], 'conv', { out: 2, kernel: 1 }],
  feature: [x, 'stage1'],
  globalAvgPool: [x],
  globalMaxPool: [x],
  hardSigmoid: [x],
  hardSwish: [x],
  input: [x, 'mask', [1, 4]],
  linear: [x, 'fc', 2, {}],
  maxPool2d: [x, pool],
  multiply: [x, x],
  named: [x, 'a', 'b'],
  relu: [x],
  relu6: [x],
  roiAlign: [[x], x, { output: 2, scales: [0.5] }],
  roiPool: [x, x, { output: 2, scale: 0.5 }],
  scale: [x, x],
  scaleBy: [x, 2],
  sigmoid: [x],
  silu: [x],
  squeezedChannels: [x, 2],
  squeezeExcite: [x, 'se', { squeezed: 2 }],
  tanh: [x],
  upsampleNearest: [x, [8, 8]],
  compare: [
    graph,
    weights,
    new Map([
      ['input', image],
      ['fc', senet.tensor([1, 2], [0, 0])],
    ]),
    {},
  ],
  excitations: [graph],
  featureInfo: [graph],
  withInputs: [graph, []],
  count: [graph],
  parameters: [graph],
  evaluate: [graph, senet.reference(weights, { input: image })],
  reference: [weights, { input: image }],
  grad: [graph, (logits: senet.Value) => logits.graph.emit('mean', [logits], {})],
  training: [graph, {}],
  averagePrecision: [groundTruth, [{ image_id: 1, category_id: 1, bbox: [0, 0, 2, 2], score: 1 }]],
  createAp: [groundTruth],
  parseLabels: ['cat\ndog'],
  normalise: [pixels, {}],
  preprocess: [pixels, options],
  preprocessAsync: [pixels, options],
  centreCrop: [pixels, 2],
  resize: [pixels, 2, 2, 'bilinear'],
  resizeShorter: [pixels, 2, 'bilinear'],
  saveSafetensors: [new Map([['a', image]]), {}],
  syntheticTensor: ['input', [3], 1, 1],
  syntheticWeights: [graph, { seed: 1 }],
  createModel: ['resnet18', { size: 32 }],
  findModel: ['resnet18'],
  listModels: [],
  findPretrained: ['legacy_seresnet50.in1k'],
  listPretrained: [],
  pretrainedOf: ['timm/resnet18'],
  labelsOf: ['cifar10'],
  preprocessOptions: [{ size: 224, cropRatio: 0.875, filter: 'bilinear', mean: [0, 0, 0], std: [1, 1, 1] }],
  tensor: [[3], [1, 2, 3]],
  listDetectors: [],
  findDetector: ['fasterrcnn_resnet50_fpn'],
  supports: ['strict'],
  planOf: [graph, { tile: '4x8' }],
  compile: [graph, weights, { tile: '4x8' }],
  quantise: [tiny, tinyWeights, [thumbnail], { threads: 1 }],
  saveQuantised: [await senet.quantise(tiny, tinyWeights, [thumbnail]), { model: 'senet/se_resnet8_cifar10' }],
  createEnsemble: [[member, member], { weights: [1, 1] }],
};

const exported: Readonly<Record<string, unknown>> = { ...senet };

const layers = new Set(Object.entries(calls).flatMap(([name, args]) => (args.flat().includes(x) ? [name] : [])));

/** What a layer gives that model code calls. */
function inGraph(call: (...args: readonly unknown[]) => unknown, args: readonly unknown[]): unknown {
  const given = (arg: unknown, image: senet.Value): unknown =>
    arg === x ? image : Array.isArray(arg) ? arg.map((each) => given(each, image)) : arg;
  return senet.build([1, 4, 4, 4], (image) => {
    call(...args.map((arg) => given(arg, image)));
    return image;
  });
}

async function thrownBy(name: string, args: readonly unknown[]): Promise<unknown> {
  try {
    const call = exported[name] as (...args: readonly unknown[]) => unknown;
    const result = await (args.flat().includes(x) || layers.has(name) ? inGraph(call, args) : call(...args));
    if (result !== null && typeof result === 'object' && 'dispose' in result) (result as senet.Session).dispose();
    return undefined;
  } catch (error) {
    return error;
  }
}

test.each(Object.entries(calls))('%s: whatever is handed in, an error is one of ours', async (name, args) => {
  for await (const _ of misuses((given) => thrownBy(name, given), args));
  expect(await thrownBy(name, [])).toSatisfy((error) => error === undefined || error instanceof SenetError);
});

test('the list above is complete', () => {
  const functions = Object.entries(exported).filter(([, value]) => typeof value === 'function' && !(value.prototype instanceof Error));
  // test/classifier/classifier.test.ts, test/detector/detector.test.ts; readers of files: test/checkpoints/checkpoint.test.ts, test/checkpoints/shards.test.ts, test/io/safetensors.test.ts
  const others = ['openCheckpoint', 'openShards', 'loadSafetensors', 'createClassifier', 'createDetector'];
  expect(functions.map(([name]) => name).sort()).toEqual([...Object.keys(calls), ...others].sort());
});

import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import {
  build,
  compile,
  createClassifier,
  evaluate,
  InputError,
  openCheckpoint,
  preprocess,
  reference,
  relu,
  saveSafetensors,
  syntheticWeights,
  tensor,
} from '../src/index.js';
import { decodeImage } from '../src/io/image.js';
import { graphOfOnnx, toOnnx } from '../src/onnx/index.js';
import { labelsOf } from '../src/pretrained/labels.js';

/** What a first program gets wrong is one error that says so, and never an answer to another question. */

const graph = build([1, 1, 2, 2], relu);
const weights = syntheticWeights(graph, { seed: 1 });
const one = new Map([['a', tensor([1], [1])]]);
const pixels = { width: 1, height: 1, data: Uint8Array.of(1, 2, 3) };
const asked = { resize: 1, filter: 'bilinear', crop: 1 } as const;
const input = tensor([1, 1, 2, 2], [1, 2, 3, 4]);

describe('calls', () => {
  test.each<[string, () => unknown, string]>([
    ['compile', () => compile(graph, weights, { kernel: 'strict' } as never), 'compile: unknown option kernel (did you mean kernels?)'],
    ['compile', () => compile(graph, weights, { engineFlags: 'yes' } as never), 'engineFlags is true or false, not yes'],
    ['evaluate', () => evaluate(graph, reference(weights, { input }), { progress: 5 } as never), 'progress is a function, not number'],
    [
      'evaluate',
      () => evaluate(graph, reference(weights, { input }), (() => 1) as never),
      'evaluate takes options, { progress, late }, not function',
    ],
    ['preprocess', () => preprocess(pixels, { ...asked, mean: [1] } as never), 'mean is three numbers, one per channel, not [1]'],
    ['preprocess', () => preprocess(pixels, { ...asked, std: [0, 0, 0] }), 'std is what is divided by, and no 0, not [0, 0, 0]'],
    ['preprocess', () => preprocess(pixels, { ...asked, range: 3 } as never), 'range is 1 or 255, not 3'],
    ['preprocess', () => preprocess(pixels, { ...asked, channel: 'bgr' } as never), 'preprocess: unknown option channel'],
    ['saveSafetensors', () => saveSafetensors(one, { metadata: { epoch: 5 } } as never), 'metadata are texts by key, not 5 at epoch'],
    ['saveSafetensors', () => saveSafetensors(one, { dtype: 'f16' } as never), 'dtype is one of F32, F16, BF16, not f16'],
    ['toOnnx', () => toOnnx(graph, weights, { opsets: 17 } as never), 'toOnnx: unknown option opsets (did you mean opset?)'],
    [
      'graphOfOnnx',
      () => graphOfOnnx(Promise.resolve({}) as never),
      'graphOfOnnx takes what readOnnx(bytes) gives, once it is awaited, not Promise: await it',
    ],
    [
      'graphOfOnnx',
      () => graphOfOnnx(new Uint8Array(8) as never),
      'graphOfOnnx takes what readOnnx(bytes) gives, once it is awaited, not Uint8Array',
    ],
    ['labelsOf', () => labelsOf('cifar100' as never), 'labels are of imagenet, cifar10, places365, not cifar100'],
    [
      'tensor',
      () =>
        tensor([2, 2], [
          [1, 2],
          [3, 4],
        ] as never),
      'data are Float32Array, Float64Array or a flat list of numbers, not [a list, a list]',
    ],
  ])('%s', async (_, call, message) => {
    const error = await Promise.resolve()
      .then(call)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(message);
  });
});

test('what is saved is read again', async () => {
  expect((await openCheckpoint(saveSafetensors(one, { metadata: { epoch: '5' } }))).metadata).toEqual({ epoch: '5' });
});

test("a classifier's calls", async () => {
  using classifier = await createClassifier({ gates: true });
  const picture = await decodeImage(await readFile('assets/images/chelsea.png'));
  const image = await classifier.prepare(picture);
  const open = new Float32Array(32);
  for (const [call, message] of [
    [() => classifier.classify(picture, { top: 1 } as never), 'classify: unknown option top'],
    [() => classifier.classify(picture, 5 as never), 'classify takes options, { signal, file }, not number'],
    [() => classifier.run(image, { gate: new Map() } as never), 'run: unknown option gate (did you mean gates?)'],
    [
      () => classifier.run(image, { gates: { 'layer1.0.se.gate': open } } as never),
      'gates are a Map by name, not Object: new Map(Object.entries(gates))',
    ],
    [
      () => classifier.run(image, { gates: new Map([['layer1.0.se.gate', open.map(() => Number.NaN)]]) }),
      'gates: layer1.0.se.gate holds numbers that are not finite',
    ],
  ] as const) {
    const error = await Promise.resolve()
      .then(call as () => unknown)
      .catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(message);
  }
});

import { describe, expect, test } from 'vitest';
import type { QuantiseProgress } from '../../src/classifier/quantise.js';
import {
  type Classification,
  compile,
  createClassifier,
  createModel,
  excitations,
  InputError,
  type QuantiseOptions,
  quantise,
  ShapeError,
  saveQuantised,
  saveSafetensors,
  syntheticTensor,
  syntheticWeights,
  type Tensor,
  WeightsError,
} from '../../src/index.js';
import { decibels } from '../../src/stats/error.js';

const model = 'senet/se_resnet8_cifar10';
const graph = createModel(model);
const weights = syntheticWeights(graph, { seed: 2 });
const pictures = [1, 2, 3].map((seed) => syntheticTensor('input', [1, 3, 32, 32], seed));

/** As a program has them that reads them from files: anew each time. */
const streamed: AsyncIterable<Tensor> = {
  async *[Symbol.asyncIterator]() {
    yield* pictures;
  },
};

async function* once(): AsyncGenerator<Tensor> {
  yield* pictures;
}

describe('a network in 8 bits', async () => {
  const heard: QuantiseProgress[] = [];
  const result = await quantise(graph, weights, pictures, { measured: pictures.slice(0, 2), onProgress: (done) => void heard.push(done) });

  test('tells of each picture, and how near its logits and layers are', () => {
    expect(heard.map(({ stage, pictures: done }) => `${stage} ${done}`)).toEqual(
      ['calibrating 1', 'calibrating 2', 'calibrating 3', 'measuring 1', 'measuring 2', 'measuring 1', 'measuring 2'], //
    );
    expect(result.noise.logits).toBeGreaterThan(15);
    expect([...result.own.layers.keys()]).toEqual([...result.noise.layers.keys()]);
    expect(result).toMatchObject({ plain: 0, zero: [], recipe: { float: [] } });
  });

  test('is the same of pictures that are read anew, and of its recipe', async () => {
    const again = await quantise(graph, weights, streamed, { measured: streamed });
    expect([again.recipe, again.weights]).toEqual([result.recipe, result.weights]);
    expect(createModel(model, { quantised: result.recipe })).toEqual(result.graph);
  });

  test('is a file that a classifier takes, and gives the logits of the graph', async () => {
    const preset = { size: 32, cropRatio: 1, filter: 'bilinear', mean: [0, 0, 0], std: [1, 1, 1], channels: 'bgr' } as const;
    const labels = Array.from({ length: 10 }, (_, i) => ({ name: `class ${i}` }));
    const file = saveQuantised(result, { model, preset, labels });
    using classifier = await createClassifier({ weights: file, kernels: 'strict' });
    expect(classifier.network).toMatchObject({ id: model, preset, labels });
    using session = await compile(result.graph, result.weights, { kernels: 'strict' });
    const image = pictures[0] as Tensor;
    expect(classifier.session.run(image)).toEqual(session.run(image));
    expect(file.length).toBeLessThan(0.3 * saveSafetensors(weights).length);
  });

  test('tells what its gates are made from: excitations stay floats, and are near to those of the float network', async () => {
    const image = { width: 32, height: 32, data: Uint8Array.from({ length: 3 * 32 * 32 }, (_, i) => (i * 37) % 256) };
    const answers = [];
    for (const file of [saveQuantised(result, { model }), saveSafetensors(weights, { metadata: { 'senet.model': model } })]) {
      using classifier = await createClassifier({ weights: file, excitations: true, kernels: 'strict' });
      answers.push(await classifier.classify(image));
    }
    const [integers, floats] = answers as [Classification, Classification];
    expect([...integers.excitations.keys()]).toEqual([...integers.gates.keys()]);
    expect([...integers.excitations].map(([name, { squeezed, hidden }]) => [name, squeezed.length, hidden.length])).toEqual(
      [...floats.excitations].map(([name, { squeezed, hidden }]) => [name, squeezed.length, hidden.length]),
    );
    for (const [name, { squeezed }] of integers.excitations)
      expect(decibels(squeezed, floats.excitations.get(name)?.squeezed ?? []), name).toBeGreaterThan(15);
  });

  test('names the weights of its excitations, and the scales of their integers', () => {
    const [first] = excitations(createModel(model, { quantised: result.recipe, gates: true }));
    expect(first).toMatchObject({
      reduce: { weight: 'layer1.0.se.fc1.weight', scales: 'layer1.0.se.fc1.weight_scale', bias: 'layer1.0.se.fc1.bias' },
      expand: { weight: 'layer1.0.se.fc2.weight', scales: 'layer1.0.se.fc2.weight_scale', bias: 'layer1.0.se.fc2.bias' },
    });
  });

  test('has the layers as floats that are asked for, and those that the target needs', async () => {
    const { recipe } = await quantise(graph, weights, pictures, { float: ['conv1'], method: 'min-max' });
    expect(recipe.float).toEqual(['conv1']);
    const { recipe: most, noise } = await quantise(graph, weights, pictures, { target: 200 });
    expect(most.float.length).toBe(Math.ceil(result.own.layers.size / 2));
    expect(noise.logits).toBeGreaterThan(result.noise.logits);
  });
});

describe('is refused', () => {
  const quantised = async () => (await quantise(graph, weights, pictures)).graph;
  const asked =
    (options: QuantiseOptions, given: AsyncIterable<Tensor> | Iterable<Tensor> = pictures) =>
    () =>
      quantise(graph, weights, given, options);
  const flat: Tensor = { shape: [1, 3, 32, 32], data: new Float32Array(3 * 32 * 32).fill(0.5) };
  test.each<readonly [string, () => Promise<unknown>, new (...args: never[]) => Error, RegExp]>([
    [
      'a layer that is not there',
      asked({ float: ['conv2'] }),
      InputError,
      /^quantise: the network has no layer conv2 \(did you mean conv1/,
    ],
    ['a method', asked({ method: 'maximum' as never }), InputError, /^method is one of min-max, percentile, mean-square, not maximum/],
    ['a misspelt option', asked({ keepFloat: [] } as never), InputError, /unknown option keepFloat/],
    ['a target', asked({ target: -1 }), InputError, /^target is a number of decibels above 0, not -1/],
    ['a signal', asked({ signal: {} as never }), InputError, /^signal is an AbortSignal, not Object/],
    ['no pictures', asked({}, []), InputError, /there are no pictures/],
    ['pictures of one colour', asked({}, [flat]), InputError, /every picture is of one colour/],
    ['pictures that are gone when they are read again', asked({}, once()), InputError, /can be read once only/],
    ['one picture in place of a list', asked({}, pictures[0] as never), InputError, /^pictures are tensors, in a list/],
    ['a picture of another shape', asked({}, [syntheticTensor('input', [1, 3, 16, 16], 1)]), ShapeError, /picture 1/],
    ['a batch', () => quantise(createModel(model, { batch: 2 }), weights, pictures), InputError, /one picture a run/],
    ['another network', () => quantise(graph, new Map(), pictures), WeightsError, /conv1\.weight is missing/],
    ['a quantised network', async () => quantise(await quantised(), weights, pictures), InputError, /is of a quantised network/],
  ])('%s', async (_, call, kind, message) => {
    const error = await call().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(kind);
    expect((error as Error).message).toMatch(message);
  });

  test('by its signal, before it begins and on its way', async () => {
    const reason = new Error('enough');
    await expect(quantise(graph, weights, pictures, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const heard: QuantiseProgress[] = [];
    const onProgress = (done: QuantiseProgress) => {
      heard.push(done);
      controller.abort(reason);
    };
    await expect(quantise(graph, weights, pictures, { signal: controller.signal, onProgress })).rejects.toBe(reason);
    expect(heard.length).toBe(1);
  });

  test('a file of what is no such network, or is of no model', async () => {
    const result = await quantise(graph, weights, pictures);
    expect(() => saveQuantised({} as never, { model: 'a' })).toThrow(/^saveQuantised takes what quantise gives, not Object/);
    expect(() => saveQuantised(result, {} as never)).toThrow(/^model is a network's name, not undefined/);
    expect(() => saveQuantised(result, { model: 'a', labels: ['b'] as never })).toThrow(/^labels are a list of \{ name \}/);
    expect(() => saveQuantised(result, { model: 'a', preset: {} as never })).toThrow(/^a preset has a size/);
  });
});

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Checkpoint, identify, inspect, openCheckpoint, readAll } from '../../src/checkpoints/index.js';
import { fromKeras, kerasMetadata } from '../../src/checkpoints/keras.js';
import { describeNetwork } from '../../src/classifier/network.js';
import { UnsupportedError, WeightsError } from '../../src/errors.js';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import { openHdf5 } from '../../src/io/hdf5.js';
import { bytesSource } from '../../src/io/source.js';
import { uniformTensor } from '../../src/io/synthetic.js';
import type { Stored } from '../../src/io/tensorFile.js';
import { createModel } from '../../src/models/index.js';
import { type Shape, sizeOf, type Tensor, widen } from '../../src/tensor.js';
import { closely } from '../../src/verify/check.js';
import { long } from '../support/length.js';

const fixture = (name: string): Uint8Array => new Uint8Array(gunzipSync(readFileSync(`test/fixtures/keras/${name}.gz`)));

/** As `generate.py` makes a tensor, in Keras's extents. */
function madeOf(key: string, shape: Shape, seed: number): Float32Array {
  const r = uniformTensor(key, shape, seed).data;
  const kind = key.slice(key.lastIndexOf('/') + 1);
  const fan = sizeOf(shape.at(-1) === 1 ? shape.slice(0, 2) : shape.slice(0, -1));
  const spreads: Readonly<Record<string, (r: number) => number>> = {
    kernel: (x) => x * 1.5 * Math.sqrt(3 / fan),
    gamma: (x) => 1 + 0.1 * x,
    moving_variance: (x) => 1 + 0.5 * x,
    mean: (x) => 0.45 + 0.05 * x,
    variance: (x) => 0.06 + 0.01 * x,
  };
  return Float32Array.from(r, spreads[kind] ?? ((x) => 0.1 * x));
}

const files = ['few.keras', 'few.h5', 'few.weights.h5', 'few.legacy.h5', 'few.keras2.h5'];

describe('a few layers', () => {
  test.each(files)('are read from %s, under their names and in their extents', async (file) => {
    const { format, tensors } = await openCheckpoint(fixture(file));
    expect(format).toBe('keras');
    const shapes = [...tensors].map(([key, { shape }]) => [key, ...shape]).toSorted();
    expect(shapes).toEqual([
      ['block1a_dwconv/kernel', 3, 3, 4, 1],
      ['normalization/count'],
      ['normalization/mean', 3],
      ['normalization/variance', 3],
      ['predictions/bias', 2],
      ['predictions/kernel', 4, 2],
      ['stem_bn/beta', 4],
      ['stem_bn/gamma', 4],
      ['stem_bn/moving_mean', 4],
      ['stem_bn/moving_variance', 4],
      ['stem_conv/kernel', 3, 3, 3, 4],
    ]);
    for (const [key, { read, shape }] of tensors)
      if (key !== 'normalization/count') expect([key, (await read()).data]).toEqual([key, madeOf(key, shape, 3)]);
  });

  test.each(['nested.keras', 'nested.h5'])('of a network in a network are found: %s', async (file) => {
    const { tensors } = await openCheckpoint(fixture(file));
    expect([...tensors.keys()]).toEqual(
      expect.arrayContaining(['stem_conv/kernel', 'stem_bn/gamma', 'block1a_dwconv/kernel', 'dense_5/kernel']),
    );
    expect((await tensors.get('stem_conv/kernel')?.read())?.data).toEqual(madeOf('stem_conv/kernel', [3, 3, 3, 4], 3));
    // the only matrix is the classifier's
    expect(fromKeras(tensors).tensors.get('classifier.weight')?.shape).toEqual([2, 4]);
  });

  test("have PyTorch's order of extents under timm's names", async () => {
    const { tensors } = inspect(await openCheckpoint(fixture('few.h5')));
    expect([...tensors].map(([name, { shape }]) => [name, ...shape]).toSorted()).toEqual([
      ['blocks.0.0.conv_dw.weight', 4, 1, 3, 3],
      ['bn1.bias', 4],
      ['bn1.running_mean', 4],
      ['bn1.running_var', 4],
      ['bn1.weight', 4],
      ['classifier.bias', 2],
      ['classifier.weight', 2, 4],
      ['conv_stem.weight', 4, 3, 3, 3],
    ]);
    const given = madeOf('stem_conv/kernel', [3, 3, 3, 4], 3);
    const found = (await tensors.get('conv_stem.weight')?.read())?.data;
    const at = (o: number, c: number, p: number, q: number) => [
      found?.[((o * 3 + c) * 3 + p) * 3 + q],
      given[((p * 3 + q) * 3 + c) * 4 + o],
    ];
    for (const [mine, keras] of [at(0, 0, 0, 1), at(3, 0, 2, 1), at(1, 2, 0, 0)]) expect(mine).toBe(keras);
  });

  test('are no network by themselves, which is one error that says what is missing', async () => {
    const checkpoint = await openCheckpoint(fixture('few.weights.h5'));
    expect(() => identify(checkpoint)).toThrow(WeightsError);
    expect(() => identify(checkpoint)).toThrow(
      /^the tensors are no network \(names: keras-applications' networks; a layer is called stem_conv\)/,
    );
  });
});

interface Run {
  readonly network: string;
  readonly size: number;
  readonly logits: readonly number[];
  readonly tensors: readonly (readonly [name: string, shape: Shape])[] | null;
}

const runs = JSON.parse(readFileSync('test/fixtures/keras/logits.json', 'utf8')) as readonly Run[];
const ids: Readonly<Record<string, string>> = {
  EfficientNetB0: 'timm/tf_efficientnet_b0',
  MobileNetV3Small: 'timm/tf_mobilenetv3_small_100',
  MobileNetV3Large: 'timm/tf_mobilenetv3_large_100',
};

/** A file's tensors without the file. */
function checkpointOf(network: string): Checkpoint {
  const listed = runs.find((run) => run.network === network && run.tensors)?.tensors ?? [];
  const tensors = new Map(
    listed.map(([key, shape]): [string, Stored] => [
      key,
      { dtype: 'F32', shape, read: async () => ({ shape, data: madeOf(key, shape, 7) }) },
    ]),
  );
  return { format: 'keras', metadata: {}, tensors, load: async (name) => (tensors.get(name) as Stored).read() };
}

async function opened(network: string): Promise<Checkpoint> {
  const checkpoint = checkpointOf(network);
  return { ...checkpoint, metadata: await kerasMetadata(checkpoint.tensors, { 'keras.rescalings': '1' }) };
}

/** Of a reference that takes seconds the two that take least, on the size whose padding is uneven. */
const tried = long ? runs : runs.filter(({ network, size }) => network !== 'MobileNetV3Large' && size === 75);

describe("keras-applications' networks", () => {
  test.each(tried.map(({ network, size }) => [network, size] as const))(
    '%s on %i pixels gives the logits of Keras, images prepared as it prepares them',
    async (network, size) => {
      const checkpoint = await opened(network);
      const { model, stored, same, classes, options, ...rest } = identify(checkpoint);
      expect([model, same, classes]).toEqual([ids[network], [], 1000]);
      const weights = await readAll(stored);
      const { preset } = await describeNetwork(
        { ...rest, model, same, classes, options, weights, metadata: checkpoint.metadata },
        'x.h5',
        undefined,
        {},
      );
      const r = uniformTensor('input', [1, 3, size, size], 7).data;
      const plane = size * size;
      const data = Float64Array.from(r, (x, i) => {
        const c = Math.floor(i / plane);
        return (Math.round((x + 1) * 127.5) / 255 - (preset.mean[c] as number)) / (preset.std[c] as number);
      });
      const wide = new Map([...weights].map(([name, tensor]) => [name, widen(tensor)]));
      const graph = createModel(model, { size });
      const outputs = evaluate(graph, reference(wide, { input: { shape: [1, 3, size, size], data } }));
      const logits = (outputs.get('logits') as Tensor).data;
      const { logits: expected } = runs.find((run) => run.network === network && run.size === size) as Run;
      expect(closely(network, logits.slice(0, expected.length), expected, 9)).toMatchObject({ pass: true });
    },
  );
});

test("a layer that is none of the network's is a part of what Keras computes, and refused by name", () => {
  const { tensors, ...checkpoint } = checkpointOf('MobileNetV3Small');
  const stored = (shape: Shape): Stored => ({ dtype: 'F32', shape, read: async () => ({ shape, data: new Float32Array(sizeOf(shape)) }) });
  const gamma: readonly [string, Stored] = ['batch_normalization/gamma', stored([1024])];
  expect(() => identify({ ...checkpoint, tensors: new Map([...tensors, gamma]) })).toThrow(
    /1 extra \(batch_normalization\.gamma is not the/,
  );
  // TensorFlow 2's random layers keep where their generator stands
  const state: readonly [string, Stored] = ['random_flip/StateVar', { ...stored([3]), dtype: 'I64' }];
  expect([...inspect({ ...checkpoint, tensors: new Map([...tensors, state]) }).ignored]).toEqual([['random_flip.StateVar', 'a tensor']]);
});

describe('an earlier MobileNetV3, with modules in the names of its layers', () => {
  test('is the same network', () => {
    const { tensors } = checkpointOf('MobileNetV3Small');
    const earlier = new Map(
      [...tensors].map(([key, stored]) => [
        key
          .replace(/_bn\//, '/BatchNorm/')
          .replace(/^conv/, 'Conv')
          .replace(/^logits/, 'Logits')
          .replace(/^(expanded_conv(?:_\d+)?)_(?=[a-z])/, '$1/')
          .replace(/squeeze_excite_conv/, 'squeeze_excite/Conv'),
        stored,
      ]),
    );
    expect([...earlier.keys()]).toEqual(
      expect.arrayContaining([
        'Conv/BatchNorm/gamma',
        'expanded_conv/depthwise/BatchNorm/beta',
        'expanded_conv_3/squeeze_excite/Conv_1/bias',
      ]),
    );
    expect([...fromKeras(earlier).tensors.keys()]).toEqual([...fromKeras(tensors).tensors.keys()]);
  });
});

describe('the images of EfficientNet', () => {
  const stored = (values: readonly number[]): Stored => ({
    dtype: 'F32',
    shape: [3],
    read: async () => ({ shape: [3], data: Float32Array.from(values) }),
  });
  const stdOf = async (variance: readonly number[], rescalings: string): Promise<readonly number[]> => {
    const tensors = new Map([
      ['stem_conv/kernel', stored([])],
      ['normalization/mean', stored([0.485, 0.456, 0.406])],
      ['normalization/variance', stored(variance)],
    ]);
    return JSON.parse((await kerasMetadata(tensors, { 'keras.rescalings': rescalings }))['senet.images'] as string).std;
  };

  test('are divided by the root of the variance', async () => {
    expect(await stdOf([0.25, 0.0625, 1], '1')).toEqual([0.5, 0.25, 1]);
  });

  test('and by the root of the deviation where a second layer says so, or the file is the published one', async () => {
    const [std, once] = [await stdOf([0.229, 0.224, 0.225], '1'), await stdOf([0.229, 0.224, 0.225], '2')];
    expect(once).toEqual(std);
    expect(std.map((value) => Math.fround(value))).toEqual([0.229, 0.224, 0.225].map(Math.fround));
    expect(await stdOf([1, 1, 1], '2')).toEqual([0.229, 0.224, 0.225].map(Math.sqrt));
  });
});

describe('a file that is damaged is a WeightsError', () => {
  test.each<[string, Uint8Array, RegExp]>([
    ['of nothing but the signature', fixture('few.h5').subarray(0, 8), /^hdf5: the file: expected what jsfive reads, found: /],
    ['that ends early', fixture('few.h5').subarray(0, 4000), /^hdf5: /],
    [
      'of zeros behind its head',
      fixture('few.legacy.h5').map((byte, i) => (i < 512 ? byte : 0)),
      /^keras: expected weights of Keras, found HDF5 of nothing$/,
    ],
  ])('%s', async (_, file, message) => {
    const error = await openCheckpoint(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect((error as Error).message).toMatch(message);
  });
});

test('whole numbers are no weights', async () => {
  const count = (await openCheckpoint(fixture('few.h5'))).tensors.get('normalization/count');
  await expect(count?.read()).rejects.toThrow(/tensor normalization\/count: expected floating-point values, found I/);
});

test('where jsfive is not installed, one error says what to install', async () => {
  const error = await openHdf5(bytesSource(fixture('few.h5')), 'jsfive-which-nobody-has').catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UnsupportedError);
  expect((error as Error).message).toBe('files of Keras (HDF5) are read by the package jsfive, which is not here: npm install jsfive');
});

import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { type Checkpoint, identify, inspect, openCheckpoint, recognise } from '../../src/checkpoints/index.js';
import { InputError, WeightsError } from '../../src/errors.js';
import { parameters } from '../../src/graph/count.js';
import { safetensorsHeader, saveSafetensors } from '../../src/io/safetensors.js';
import { bytesSource, readRange, type Source } from '../../src/io/source.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { zipEntries } from '../../src/io/zip.js';
import { createModel, listModels } from '../../src/models/index.js';
import type { ModelOptions } from '../../src/models/model.js';
import { ops } from '../../src/ops/index.js';
import type { Tensor } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';
import { bytesOf, concatBytes, text } from '../support/files/bytes.js';
import { caffeModel } from '../support/files/caffe.js';
import { npy } from '../support/files/npy.js';
import { orderedDict, type TorchItem, torchLegacy, torchZip, whole } from '../support/files/torch.js';
import { zip } from '../support/files/zip.js';

const item = (name: string, { shape, data }: Tensor): TorchItem => ({
  name,
  type: 'Float',
  shape,
  bytes: () => bytesOf(data as Float32Array),
});
const small = item('a', seeded([2, 3], 1));

describe('formats are told by content', () => {
  test.each([
    ['safetensors', 'safetensors', saveSafetensors(new Map([['a', seeded([2, 3], 1)]]))],
    ['PyTorch', 'torch', whole(torchZip([small]))],
    ['PyTorch of old', 'torch-legacy', whole(torchLegacy([small]))],
    [
      'a zip of one',
      'torch',
      whole(
        zip([
          { name: '__MACOSX/._a.pth', bytes: () => text('') },
          { name: 'x/a.pth', bytes: () => whole(torchZip([small])) },
        ]),
      ),
    ],
    ...['ckpt', 'pt2', 'pickle'].map((ending): [string, string, Uint8Array<ArrayBuffer>] => [
      `a zip of a .${ending}`,
      'torch',
      whole(zip([{ name: `a.${ending}`, bytes: () => whole(torchZip([small])), deflated: true }])),
    ]),
    [
      'a zip of an .npz',
      'numpy',
      whole(zip([{ name: 'x.npz', bytes: () => whole(zip([{ name: 'a.npy', bytes: () => npy([2, 3], small.bytes()) }])) }])),
    ],
    [
      'a deflated zip of an old one',
      'torch-legacy',
      whole(zip([{ name: 'a.pth', bytes: () => whole(torchLegacy([small])), deflated: true }])),
    ],
  ])('%s', async (_, format, file) => {
    for (const given of [file, file.buffer, new Blob([file]), Buffer.from(file)]) {
      const checkpoint = await openCheckpoint(given);
      expect(checkpoint.format).toBe(format);
      expect(await checkpoint.load('a')).toEqual(seeded([2, 3], 1));
      await expect(checkpoint.load('b')).rejects.toThrow(/tensor b is missing/);
    }
  });

  test('a zip of the folder that one was unpacked to', async () => {
    const entries = await zipEntries(bytesSource(whole(torchZip([small]))));
    const unpacked = await Promise.all(
      entries.map(async ({ name, open }) => {
        const data = await open();
        const bytes = await readRange(data, 0, data.size);
        return { name: `b/net/${name}`, bytes: () => bytes };
      }),
    );
    const resource = { name: '__MACOSX/b/net/archive/data.pkl', bytes: () => text('') };
    const checkpoint = await openCheckpoint(whole(zip([resource, ...unpacked])));
    expect(await checkpoint.load('a')).toEqual(seeded([2, 3], 1));
  });

  test('a safetensors header of any length, though 128 looks like a pickle', async () => {
    for (let length = 0; length < 300; length += 8) {
      const header = safetensorsHeader(new Map(), { metadata: { a: ' '.repeat(length) } });
      expect((await openCheckpoint(header)).format).toBe('safetensors');
    }
  });

  test.each([
    ['an empty file', new Uint8Array(0), /found none of them/],
    ['a page', text('\n<!DOCTYPE html><html>'), /a page of HTML/],
    ['a pointer', text('version https://git-lfs.github.com/spec/v1\noid sha256:00'), /Git LFS/],
    ['text', text('hello, world, this is no checkpoint'), /PyTorch, GGUF, Keras, NumPy, a pickle, zip or Caffe, found none of them/],
    ['what gzip packed', new Uint8Array(gzipSync(whole(torchLegacy([small])))), /found a gzip archive: unpack it first/],
    ['a tar archive', concatBytes([text('net.pth'), new Uint8Array(250), text('ustar\x0000')]), /found a tar archive: unpack it first/],
    ['a photograph', Uint8Array.of(0xff, 0xd8, 0xff, 0xe0, 0, 16), /found a picture \(JPEG\)/],
    ['an archive of nothing', whole(zip([])), /found none of them/],
    ['an archive of pictures', whole(zip([{ name: 'a.png', bytes: () => text('') }])), /one checkpoint among the entries, found 0: a\.png/],
    ['an archive of two', whole(zip(['a.pth', 'b.pth'].map((name) => ({ name, bytes: () => text('') })))), /found 2: a\.pth, b\.pth/],
    ['an archive in an archive', whole(zip([{ name: 'a.pth', bytes: () => whole(zip([small])) }])), /entry a\.pth: expected a checkpoint/],
  ])('%s is a WeightsError that says so', async (_, file, message) => {
    const error = await openCheckpoint(file).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect(String(error)).toMatch(message);
  });
});

describe('large files', () => {
  test('only what is asked for is read: directory and one tensor of a hundred megabytes', async () => {
    const header = safetensorsHeader(
      new Map([
        ['large', [25_000_000]],
        ['small', [3]],
      ]),
      {},
    );
    let read = 0;
    const source: Source = {
      size: header.length + 100_000_012,
      read: async (begin, length) => {
        read += length;
        return begin < header.length ? header.subarray(begin, begin + length) : new Uint8Array(length).fill(63);
      },
    };
    const { load } = await openCheckpoint(source);
    expect((await load('small')).data.length).toBe(3);
    expect(read).toBeLessThan(2 * header.length + 100);
  });
});

const id = 'pytorchcv/seresnet20_cifar10';
const graph = createModel(id, { classes: 3 });
const weights = syntheticWeights(graph, { seed: 3 });
const file = async (tensors: ReadonlyMap<string, Tensor>, metadata = {}): Promise<Checkpoint> =>
  openCheckpoint(saveSafetensors(tensors, { metadata }));
const renamed = (rename: (name: string) => string) => new Map([...weights].map(([name, tensor]) => [rename(name), tensor]));
const reshaped = (reshape: (name: string, shape: readonly number[]) => readonly number[]) =>
  new Map([...weights].map(([name, { shape, data }]) => [name, { shape: reshape(name, shape), data }]));

/** The same names in the same order, shapes and bits. */
function expectWeights(found: ReadonlyMap<string, Tensor>): void {
  expect([...found].map(([name, { shape }]) => [name, shape])).toEqual([...weights].map(([name, { shape }]) => [name, shape]));
  const bits = (tensors: ReadonlyMap<string, Tensor>) => concatBytes([...tensors.values()].map(({ data }) => bytesOf(data)));
  expect(Buffer.compare(bits(found), bits(weights))).toBe(0);
}

describe('recognition', () => {
  test('network, classes, what told, and the weights', async () => {
    const { model, classes, because, same, graph, weights: read } = await recognise(await file(weights));
    expect([model, classes, because]).toEqual([id, 3, 'a tensor is called features.init_block.conv.weight']);
    expect(same).toEqual([]);
    expect(parameters(graph)).toEqual([...weights].map(([name, { shape }]) => ({ name, shape })));
    expectWeights(read);
  });

  test.each(['module.', 'model.', 'module.model.', '_orig_mod.'])('below %s', async (prefix) => {
    const { model, because, weights: read } = await recognise(await file(renamed((name) => prefix + name)));
    expect([model, because]).toEqual([id, `a tensor is called ${prefix}features.init_block.conv.weight`]);
    expectWeights(read);
  });

  test.each(['state_dict', 'model', 'state_dict_ema'])('in a dictionary under %s', async (key) => {
    const items = [...weights].map(([name, tensor]) => item(name, tensor));
    const wrapped = whole(
      torchZip(items, (dict) => ({
        dict: [
          ['epoch', 1],
          [key, dict],
          ['optimizer', orderedDict([['state', null]])],
        ],
      })),
    );
    const checkpoint = await openCheckpoint(wrapped);
    expect(checkpoint.metadata).toEqual({ epoch: '1' });
    const { takenFrom, weights: read } = await recognise(checkpoint);
    expect(takenFrom).toBe(key);
    expectWeights(read);
  });

  test('matrices for 1×1 convolutions, and batch norm with an extent more', async () => {
    const matrices = reshaped((name, shape) => (/\.se\.conv\d\.weight$/.test(name) ? shape.slice(0, 2) : shape));
    const rows = reshaped((name, shape) => (/\.bn\./.test(name) ? [1, ...shape] : shape));
    for (const other of [matrices, rows]) expectWeights((await recognise(await file(other))).weights);
  });

  test('16-bit files', async () => {
    for (const dtype of ['F16', 'BF16'] as const) {
      const checkpoint = await openCheckpoint(saveSafetensors(weights, { dtype }));
      expect(checkpoint.tensors.get('features.init_block.conv.weight')?.dtype).toBe(dtype);
      expect(identify(checkpoint).model).toBe(id);
    }
  });

  test('it builds a fifth of the zoo at most, whatever the file says', () => {
    const inferred = vi.spyOn(ops.conv2d, 'infer');
    const convolutions = (run: () => unknown): number => {
      inferred.mockClear();
      run();
      return inferred.mock.calls.length;
    };
    try {
      const zoo = convolutions(() => listModels().map(({ id }) => createModel(id)));
      for (const model of [id, 'timm/legacy_senet154', 'torchvision/regnet_y_400mf'])
        for (const metadata of [{}, { 'senet.model': model }]) {
          const checkpoint = withoutValues(syntheticShapes(model), metadata);
          expect(
            convolutions(() => identify(checkpoint)),
            model,
          ).toBeLessThan(zoo / 5);
        }
    } finally {
      inferred.mockRestore();
    }
  });

  test("a bare name's source is chosen by the file", async () => {
    for (const model of ['timm/vgg16_bn', 'torchvision/vgg16_bn']) {
      const shapes = new Map([...syntheticShapes(model)]);
      expect(identify(withoutValues(shapes), 'vgg16_bn').model).toBe(model);
    }
  });

  test('several sources of the same network: the first, and the others are named', () => {
    const { model, same } = identify(withoutValues(syntheticShapes('torchvision/resnet50')));
    expect([model, same]).toEqual(['timm/resnet50', ['torchvision/resnet50']]);
    expect(identify(withoutValues(syntheticShapes('torchvision/resnet50')), 'torchvision/resnet50').model).toBe('torchvision/resnet50');
  });

  test.each([
    ['pytorchcv/seresnet50', 'pytorchcv/seresnet50b'],
    ['timm/efficientnet_b0', 'timm/tf_efficientnet_b0'],
  ])('%s and %s differ in strides or padding only: the user must say which, or the file', (one, other) => {
    const shapes = syntheticShapes(one);
    expect(() => identify(withoutValues(shapes))).toThrow(InputError);
    expect(() => identify(withoutValues(shapes))).toThrow(new RegExp(`fit ${one} and ${other}.*--model`));
    for (const model of [one, other]) {
      expect(identify(withoutValues(shapes), model).model).toBe(model);
      const said = identify(withoutValues(shapes, { 'senet.model': model }));
      expect([said.model, said.same]).toEqual([model, []]);
    }
  });

  test.each(['tf_efficientnet_b0', 'timm/tf_efficientnet_b0', 'hf_hub:timm/tf_efficientnet_b0.ns_jft_in1k'])(
    'which of two it is, a trainer says by its arch: %s',
    (arch) => {
      expect(identify(withoutValues(syntheticShapes('timm/efficientnet_b0'), { arch })).model).toBe('timm/tf_efficientnet_b0');
    },
  );

  test.each(['resnetblur50', 'resnetaa50', 'timm/resnetaa50.a1h_in1k', 'seresnextaa101d_32x8d'])(
    '%s has the tensors of a ResNet, and is none',
    async (arch) => {
      const tensors = [...syntheticShapes('timm/resnet18')].map(([name, shape]) => item(name, seeded(shape, 1)));
      const file = whole(
        torchZip(tensors, (dict) => ({
          dict: [
            ['arch', arch],
            ['state_dict', dict],
          ],
        })),
      );
      const checkpoint = await openCheckpoint(file);
      expect(() => identify(checkpoint)).toThrow(`its arch is ${arch}: timm's ResNet with blurred or averaged strides`);
    },
  );

  test('a variant is what the file says, though others have the very same tensors', () => {
    const options = { squeeze: 'max', reduction: 4 } as const;
    const shapes = syntheticShapes(id, options);
    const metadata = { 'senet.model': id, 'senet.options': JSON.stringify(options) };
    for (const name of [undefined, 'seresnet20_cifar10', id]) {
      const found = identify(withoutValues(shapes, metadata), name);
      expect([found.model, found.options]).toEqual([id, options]);
      expect(new Map([...found.stored].map(([key, { shape }]) => [key, shape]))).toEqual(shapes);
    }
    expect(identify(withoutValues(syntheticShapes(id))).options).toEqual({});
    expect(() => identify(withoutValues(syntheticShapes(id), metadata))).toThrow(/ 0 missing, 27 misshapen, 0 extra/);
  });

  test.each([
    ['{', 'JSON'],
    ['3', 'expected an object'],
    ['{"batch":1000000000}', 'expected reduction, squeeze, .*, found batch'],
    ['{"squeeze":"median"}', 'squeeze must be avg, max or none, not median'],
  ])('a variant that is none is a WeightsError: %s', (options, message) => {
    const checkpoint = withoutValues(syntheticShapes(id), { 'senet.model': id, 'senet.options': options });
    expect(() => identify(checkpoint)).toThrow(WeightsError);
    expect(() => identify(checkpoint)).toThrow(new RegExp(`metadata senet.options: .*${message}`));
  });

  /** The others' names are in the lists of published checkpoints. */
  test.each(listModels().flatMap(({ id }) => (id.startsWith('senet/') ? [id] : [])))('%s, which nobody published', (model) => {
    const found = identify(withoutValues(syntheticShapes(model)));
    expect([found.model, ...found.same]).toContain(model);
  });

  const without = (name: string) => new Map([...weights].filter(([key]) => key !== name));
  test.each([
    [
      'a tensor missing',
      without('features.stage3.unit3.body.conv2.bn.running_var'),
      /1 missing, 0 misshapen, 0 extra \(features\.stage3\.unit3\.body\.conv2\.bn\.running_var is missing\)/,
    ],
    [
      'one too many',
      new Map([...weights, ['aux.weight', seeded([1], 1)]]),
      /0 missing, 0 misshapen, 1 extra \(aux\.weight is not the network's\)/,
    ],
    [
      'one misshapen',
      new Map([...weights, ['features.init_block.bn.bias', seeded([15], 1)]]),
      /1 misshapen, .*features\.init_block\.bn\.bias is \[15\], not \[16\]/,
    ],
    ['rows of the classifier that disagree', new Map([...weights, ['output.bias', seeded([4], 1)]]), /output\.bias is \[4\], not \[3\]/],
  ])('%s is a WeightsError that says which', async (_, tensors, message) => {
    const checkpoint = await file(tensors);
    for (const name of [undefined, 'seresnet20_cifar10', id]) {
      expect(() => identify(checkpoint, name)).toThrow(WeightsError);
      expect(() => identify(checkpoint, name)).toThrow(message);
    }
    expect(inspect(checkpoint).match).toBeUndefined();
    expect(inspect(checkpoint).matches.map(({ model }) => model)).toEqual([id]);
  });

  test('a detector and what has no names are no networks', async () => {
    expect(() =>
      identify(
        withoutValues(
          new Map([
            ['backbone.body.conv1.weight', [64, 3, 7, 7]],
            ['rpn.head.conv.weight', [1]],
          ]),
        ),
      ),
    ).toThrow(/backbone\.body\.conv1\.weight belongs to a detector/);
    expect(() =>
      identify(
        withoutValues(
          new Map([
            ['0', [1]],
            ['1', [2]],
          ]),
        ),
      ),
    ).toThrow(/no network \(names: unknown; no tensor has a name that tells\)/);
  });

  test('an unknown name is an InputError', async () => {
    const checkpoint = await file(weights);
    for (const name of ['seresnet21_cifar10', 'pytorchcv/seresnet21_cifar10'])
      expect(() => identify(checkpoint, name)).toThrow(/did you mean/);
  });
});

function syntheticShapes(model: string, options: ModelOptions = {}): ReadonlyMap<string, readonly number[]> {
  const { nodes } = createModel(model, options);
  return new Map(nodes.flatMap((node) => (node.op === 'param' ? [[node.attrs.name, node.attrs.shape] as const] : [])));
}

/** A checkpoint of names and shapes only. */
function withoutValues(shapes: ReadonlyMap<string, readonly number[]>, metadata = {}): Checkpoint {
  const read = () => Promise.reject(new WeightsError('there are no values'));
  const tensors = new Map([...shapes].map(([name, shape]) => [name, { dtype: 'F32', shape, read }] as const));
  return { format: 'safetensors', metadata, tensors, load: read };
}

describe('Caffe', () => {
  const vector = (length: number, value: number) => ({ shape: [length], data: new Float32Array(length).fill(value) });
  const layers = (...blobs: readonly { shape: readonly number[]; data: Float32Array }[]) =>
    whole(caffeModel('net', [{ name: 'conv1/7x7_s2/bn', type: 'BatchNorm', blobs }]));

  test('names that are none of the release stay as they are, and fit no network', async () => {
    const file = whole(caffeModel('net', [{ name: 'ip', type: 'InnerProduct', blobs: [vector(6, 1)] }]));
    const checkpoint = await openCheckpoint(file);
    expect([checkpoint.format, checkpoint.metadata, [...checkpoint.tensors.keys()]]).toEqual(['caffe', { name: 'net' }, ['ip:0']]);
    expect(() => identify(checkpoint)).toThrow(/no network \(names: the authors' Caffe release/);
  });

  test('a factor of more than one value is an error', async () => {
    const checkpoint = await openCheckpoint(layers(vector(64, 1), vector(64, 1), vector(2, 1)));
    expect(() => identify(checkpoint)).toThrow(/layer conv1\/7x7_s2\/bn: expected mean, variance and their factor/);
  });

  test.each([
    ['cut short', layers(vector(64, 1)).subarray(0, -5), /a field within its message/],
    ['a layer twice', concatBytes([layers(vector(4, 1)), layers(vector(4, 1))]), /each layer once, found conv1\/7x7_s2\/bn twice/],
    [
      'values that are not as many as the extents say',
      layers({ shape: [5], data: new Float32Array(4) }),
      /expected 20 bytes for \[5\], found 16/,
    ],
    ['no blobs', layers(), /layers with blobs, found none/],
  ])('%s', async (_, bytes, message) => {
    const error = await openCheckpoint(bytes).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect(String(error)).toMatch(message);
  });
});

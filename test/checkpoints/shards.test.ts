import { describe, expect, test } from 'vitest';
import { type Checkpoint, openCheckpoint, openShards, recognise } from '../../src/checkpoints/index.js';
import { whatWasTaken } from '../../src/classifier/network.js';
import { InputError, WeightsError } from '../../src/errors.js';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import type { Tensor } from '../../src/tensor.js';
import { seeded } from '../support/arbitraries.js';
import { bytesOf, text } from '../support/files/bytes.js';
import { torchZip, whole } from '../support/files/torch.js';

const [first, second] = ['model-00001-of-00002.safetensors', 'model-00002-of-00002.safetensors'];
const indexOf = (places: unknown): Uint8Array => text(JSON.stringify({ metadata: { total_size: 8 }, weight_map: places }));
const saved = (...tensors: readonly (readonly [string, Tensor])[]) => saveSafetensors(new Map(tensors), { metadata: { format: 'pt' } });
const [a, b] = [seeded([2, 3], 1), seeded([4], 2)];
const files: Readonly<Record<string, Uint8Array>> = { [first]: saved(['a', a]), [second]: saved(['b', b]) };
const open = (given = files) => {
  return async (name: string): Promise<Checkpoint> => openCheckpoint(given[name] as Uint8Array);
};
const places = { a: first, b: second };

describe('a checkpoint in several files', () => {
  test('is the tensors of all of them', async () => {
    const checkpoint = await openShards(indexOf(places), open());
    expect([checkpoint.format, checkpoint.metadata.format, [...checkpoint.tensors.keys()]]).toEqual(['safetensors', 'pt', ['a', 'b']]);
    expect([await checkpoint.load('a'), await checkpoint.load('b')]).toEqual([a, b]);
    await expect(checkpoint.load('c')).rejects.toThrow(/tensor "c" is missing/);
  });

  test("may be PyTorch's", async () => {
    const shard = (name: string, { shape, data }: Tensor) => whole(torchZip([{ name, type: 'Float', shape, bytes: () => bytesOf(data) }]));
    const given = { [first]: shard('a', a), [second]: shard('b', b) };
    expect(await (await openShards(indexOf(places), open(given))).load('b')).toEqual(b);
  });

  test('is a network like any other', async () => {
    const model = 'pytorchcv/seresnet20_cifar10';
    const weights = [...syntheticWeights(createModel(model), { seed: 3 })];
    const shards = { [first]: saved(...weights.slice(0, 50)), [second]: saved(...weights.slice(50)) };
    const index = indexOf(Object.fromEntries(weights.map(([name], i) => [name, i < 50 ? first : second])));
    const found = await recognise(await openShards(index, open(shards)));
    expect(found.model).toBe(model);
    expect([...found.weights]).toEqual(weights);
  });

  test('holds what its index names; what lies beside that is told', async () => {
    const model = 'senet/se_resnet8_cifar10';
    const weights = [...syntheticWeights(createModel(model), { seed: 3 })];
    const [counter, loss] = ['bn1.num_batches_tracked', 'criterion.weight'];
    const shards = { [first]: saved(...weights.slice(0, 30), [counter, a], [loss, b]), [second]: saved(...weights.slice(30)) };
    const places = new Map(weights.map(([name], i) => [name, i < 30 ? first : second]));
    const found = await recognise(await openShards(indexOf(Object.fromEntries(places)), open(shards)), model);
    expect([...found.weights]).toEqual(weights);
    expect([...found.ignored]).toEqual([[loss, 'a tensor that the index leaves out']]);
    expect(whatWasTaken('x', found)).toEqual([`x: ignored, as no part of the network: ${loss}`]);

    places.delete('fc.weight');
    const without = await openShards(indexOf(Object.fromEntries(places)), open(shards));
    await expect(recognise(without, model)).rejects.toThrow(
      'fc.weight is no tensor that can be read, but a tensor that the index leaves out',
    );
    await expect(
      openShards(indexOf({ a: first, b: second }), open({ [first]: saved(['a', a], ['b', b]), [second]: saved(['b', b]) })),
    ).rejects.toThrow(/"model-00001.*": found tensor "b", expected it in "model-00002/);
  });

  test.each([
    [
      'a tensor in another file',
      { a: second, b: second },
      /^index of shards: "model-00002.*": expected tensor "a", found none of that name/,
    ],
    ['a tensor in no file', { ...places, c: second }, /expected tensor "c", found none of that name/],
    ['another name for a tensor', { b: second, z: first }, /"model-00001.*": expected tensor "z", found none of that name/],
    ['a tensor that is elsewhere too', { ...places, a: second }, /expected/],
    ['a folder above', { a: '../x.safetensors' }, /tensor a: expected the name of a file beside the index, found "\.\.\/x\.safetensors"/],
    ['a folder below', { a: 'x/y.safetensors' }, /the name of a file beside the index/],
    ['a path of Windows', { a: '..\\x.safetensors' }, /the name of a file beside the index/],
    ['a drive', { a: 'C:x' }, /the name of a file beside the index/],
    ['the folder itself', { a: '..' }, /the name of a file beside the index/],
    ['no name', { a: '' }, /the name of a file beside the index/],
    ['a number', { a: 7 }, /the name of a file beside the index, found number/],
    ['no tensors', {}, /expected tensors in weight_map, found none/],
    ['no map', [], /JSON that is no index of one: it has no weight_map/],
  ])('an index with %s is a WeightsError that says so', async (_, map, message) => {
    const error = await openShards(indexOf(map), open()).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(WeightsError);
    expect((error as Error).message).toMatch(message);
  });

  test.each([
    ['half of one', '{"weight_map": {', /index of shards: expected JSON in UTF-8, found/],
    ['a tensor twice', '{"weight_map": {"a": "x", "a": "y"}}', /expected each key once, found a twice/],
    ['other JSON', '{"id2label": {}}', /JSON that is no index of one/],
    ['names of an object', '{"__proto__": {"weight_map": {"a": "x"}}}', /JSON that is no index of one/],
  ])('%s is a WeightsError that says so', async (_, json, message) => {
    await expect(openCheckpoint(text(json))).rejects.toThrow(message);
    await expect(openShards(text(json), open())).rejects.toBeInstanceOf(WeightsError);
  });

  test('`__proto__` and `constructor` are names of tensors like any other', async () => {
    const index = text(`{"weight_map":{"__proto__":"${first}","constructor":"${first}"}}`);
    const given = { [first]: saved(['__proto__', a], ['constructor', b]) };
    const checkpoint = await openShards(index, open(given));
    expect([await checkpoint.load('__proto__'), await checkpoint.load('constructor')]).toEqual([a, b]);
  });
});

test.each([
  ['as it is written', indexOf(places)],
  // the ninth byte of `{"x":  {}, …` is where a safetensors header begins
  ['with a brace where a safetensors header begins', text(new TextDecoder().decode(indexOf(places)).replace('{', '{"x":   {},'))],
])('openCheckpoint names the files of an index: %s', async (_, index) => {
  const error = await openCheckpoint(index).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(WeightsError);
  expect((error as Error).message).toBe(
    `expected a checkpoint, found the index of one in 2 files, "${first}", "${second}": openShards opens them with it`,
  );
});

test.each([['model.safetensors'], [null], [undefined], [7], [{}], [[]], [{ read: 1, size: 1 }], [() => {}]])(
  'openCheckpoint and openShards of %j are an InputError',
  async (given) => {
    for (const opened of [openCheckpoint(given as unknown as Blob), openShards(given as unknown as Blob, open())]) {
      const error = await opened.catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InputError);
      expect((error as Error).message).toMatch(/^expected the bytes of a file, found /);
    }
  },
);

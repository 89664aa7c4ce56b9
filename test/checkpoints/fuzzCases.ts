import fc from 'fast-check';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { seeded } from '../support/arbitraries.js';
import { bytesOf, concatBytes, text, u16, u32, u64 } from '../support/files/bytes.js';
import { caffeModel, integer, message, varint } from '../support/files/caffe.js';
import { type Pickled, pickle } from '../support/files/pickle.js';
import { orderedDict, type TorchItem, torchLegacy, torchZip, type Wrap, whole } from '../support/files/torch.js';
import { zip } from '../support/files/zip.js';

/** Files of every format that are damaged at random: bytes, numbers and pieces of good files, and structures that no writer makes. */

const floats = (name: string, ...shape: readonly number[]): TorchItem => ({
  name,
  type: 'Float',
  shape,
  bytes: () => bytesOf(seeded(shape, shape.length).data),
});
const items: readonly TorchItem[] = [
  floats('module.layer1.0.conv1.weight', 4, 3, 2, 2),
  floats('module.bn.weight', 4),
  { name: 'module.fc.weight', type: 'Half', shape: [5, 4], bytes: () => new Uint8Array(40).fill(60) },
  { name: 'module.bn.num_batches_tracked', type: 'Long', shape: [], bytes: () => bytesOf(BigInt64Array.of(9n)) },
];
const trainers = (dict: Pickled): Pickled => ({
  dict: [
    ['epoch', 90],
    ['state_dict', dict],
    [
      'optimizer',
      {
        dict: [
          ['lr', 0.1],
          ['groups', { list: [null, true] }],
        ],
      },
    ],
  ],
});
const blob = (...shape: readonly number[]) => ({ shape, data: seeded(shape, 3).data });
const layers = [
  { name: 'conv1/7x7_s2', type: 'Convolution', blobs: [blob(4, 3, 2, 2)] },
  { name: 'conv1/7x7_s2/bn', type: 'BatchNorm', blobs: [blob(4), blob(4), blob(1)] },
  { name: 'conv1/7x7_s2/bn/scale', type: 'Scale', blobs: [blob(4), blob(4)] },
  { name: 'classifier', type: 'InnerProduct', blobs: [{ shape: [3, 4], data: new Float64Array(12) }, blob(3)] },
];
const pth = (form: 'zip' | 'legacy') => whole(form === 'zip' ? torchZip(items, trainers) : torchLegacy(items, trainers));

/** A small file of every kind. */
export const goodFiles: Readonly<Record<string, Uint8Array>> = {
  safetensors: saveSafetensors(
    new Map([
      ['conv1.weight', seeded([4, 3, 2, 2], 1)],
      ['fc.bias', seeded([4], 2)],
    ]),
    { metadata: { format: 'pt' } },
  ),
  'safetensors F16': saveSafetensors(new Map([['conv1.weight', seeded([4, 3, 2, 2], 1)]]), { dtype: 'F16' }),
  torch: pth('zip'),
  'torch deflated': whole(torchZip(items, trainers, { deflated: true })),
  'torch ZIP64': whole(torchZip(items, trainers, { zip64: true })),
  'torch legacy': pth('legacy'),
  'zip of torch': whole(zip([{ name: 'net.pth', bytes: () => pth('zip') }])),
  'zip of legacy, deflated': whole(zip([{ name: 'net.pth', bytes: () => pth('legacy'), deflated: true }])),
  caffe: whole(caffeModel('net', layers)),
  'caffe V1': whole(caffeModel('net', layers, 'v1')),
};

type Change = (file: Uint8Array) => Uint8Array;

/** Places are drawn as shares of the file: evenly, since most of what is drawn otherwise lies near 0, and a file broken there is refused at once. */
const place = () => fc.noBias(fc.integer({ min: 0, max: 2 ** 30 - 1 })).map((share) => share / 2 ** 30);
const at = (file: Uint8Array, share: number): number => Math.floor(share * file.length);

const overwrite = (file: Uint8Array, share: number, bytes: Uint8Array): Uint8Array => {
  const copy = file.slice();
  const begin = at(file, share);
  copy.set(bytes.subarray(0, file.length - begin), begin);
  return copy;
};

const changes = (): fc.Arbitrary<Change> =>
  fc.oneof(
    fc.record({ share: place(), mask: fc.integer({ min: 1, max: 255 }) }).map(
      ({ share, mask }): Change =>
        (file) => {
          const copy = file.slice();
          const i = at(file, share);
          if (i < copy.length) copy[i] = (copy[i] as number) ^ mask;
          return copy;
        },
    ),
    fc
      .record({
        share: place(),
        number: fc.oneof(
          fc.constantFrom(u16(0xffff), u32(0xffffffff), u32(0x7fffffff), u32(0), u32(1 << 20), u64(2 ** 40), u64(2n ** 64n - 1n), u64(0)),
          fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(u32),
          fc.integer({ min: 0, max: 300 }).map(u32),
        ),
      })
      .map(
        ({ share, number }): Change =>
          (file) =>
            overwrite(file, share, number),
      ),
    fc.record({ share: place(), length: fc.nat(40) }).map(
      ({ share, length }): Change =>
        (file) =>
          concatBytes([file.subarray(0, at(file, share)), file.subarray(at(file, share) + length)]),
    ),
    fc.record({ share: place(), from: place(), length: fc.nat(60) }).map(
      ({ share, from, length }): Change =>
        (file) =>
          concatBytes([
            file.subarray(0, at(file, share)),
            file.subarray(at(file, from), at(file, from) + length),
            file.subarray(at(file, share)),
          ]),
    ),
    place().map(
      (share): Change =>
        (file) =>
          file.subarray(0, at(file, share)),
    ),
    fc.record({ share: place(), bytes: fc.uint8Array({ maxLength: 20 }) }).map(
      ({ share, bytes }): Change =>
        (file) =>
          overwrite(file, share, bytes),
    ),
  );

/** A good file with some of its bytes changed, moved, repeated or taken away. */
const mutated = (): fc.Arbitrary<Uint8Array> =>
  fc
    .record({ kind: fc.constantFrom(...Object.keys(goodFiles)), list: fc.array(changes(), { minLength: 1, maxLength: 5 }) })
    .map(({ kind, list }) => list.reduce((file, change) => change(file), goodFiles[kind] as Uint8Array));

const numbers = (): fc.Arbitrary<number> =>
  fc.oneof(fc.integer({ min: -2, max: 12 }), fc.constantFrom(2 ** 16, 2 ** 31 - 1, 2 ** 32, 2 ** 40, 2 ** 53, -(2 ** 31), 0.5, Number.NaN));

const globals = [
  'collections.OrderedDict',
  'torch._utils._rebuild_tensor_v2',
  'torch._utils._rebuild_tensor',
  'torch._utils._rebuild_parameter',
  'torch.Size',
];
const storageTypes = ['torch.FloatStorage', 'torch.HalfStorage', 'torch.DoubleStorage', 'torch.LongStorage'];

/** Tensors of storages that are there, and as many strides as extents: all that is wrong with these are numbers. */
const views = (): fc.Arbitrary<Pickled> =>
  fc
    .record({
      key: fc.constantFrom('0', '1'),
      type: fc.constantFrom('torch.FloatStorage', 'torch.HalfStorage'),
      offset: fc.nat(3),
      axes: fc.array(fc.tuple(fc.constantFrom(0, 1, 2, 3, 2 ** 20, 2 ** 31), fc.constantFrom(0, 0, 0, 1, 2)), { maxLength: 3 }),
    })
    .map(
      ({ key, type, offset, axes }): Pickled => ({
        call: { global: 'torch._utils._rebuild_tensor' },
        args: [
          { persistent: { tuple: ['storage', { global: type }, key, 'cpu', 4] } },
          offset,
          { tuple: axes.map(([extent]) => extent) },
          { tuple: axes.map(([, stride]) => stride) },
        ],
      }),
    );

/** Pickles of the right words in any order. */
const pickled = (): fc.Arbitrary<Pickled> =>
  fc.letrec<{ value: Pickled; list: readonly Pickled[] }>((tie) => {
    const list = fc.array(tie('value'), { maxLength: 4 });
    const global = fc.constantFrom(...globals, ...storageTypes).map((name): Pickled => ({ global: name }));
    const extents = fc.array(numbers(), { maxLength: 4 }).map((tuple): Pickled => ({ tuple }));
    const storage = fc
      .record({ type: fc.constantFrom(...storageTypes), key: fc.constantFrom('0', '1', '9'), size: numbers(), view: fc.option(extents) })
      .map(({ type, key, size, view }): Pickled => ({ persistent: { tuple: ['storage', { global: type }, key, 'cpu', size, view] } }));
    const tensor = fc
      .tuple(fc.constantFrom(...globals), fc.oneof({ weight: 6, arbitrary: storage }, tie('value')), numbers(), extents, extents)
      .map(([name, ...args]): Pickled => ({ call: { global: name }, args }));
    return {
      list,
      value: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.oneof(numbers(), fc.boolean(), fc.constantFrom('a', 'state_dict', '', '__proto__'), fc.constant(null)),
        { weight: 2, arbitrary: tensor },
        { weight: 2, arbitrary: views() },
        storage,
        list.map((tuple): Pickled => ({ tuple })),
        list.map((values): Pickled => ({ list: values })),
        fc
          .array(fc.tuple(fc.constantFrom<Pickled>('a', 'b', 'model', 1, null), tie('value')), { maxLength: 4 })
          .map((dict): Pickled => ({ dict })),
        fc.tuple(global, list).map(([call, args]): Pickled => ({ call, args })),
        tie('value').map((persistent): Pickled => ({ persistent })),
      ),
    };
  }).value;

const torchFiles = (): fc.Arbitrary<Uint8Array> =>
  fc
    .record({
      root: pickled(),
      form: fc.constantFrom<(items: readonly TorchItem[], wrap: Wrap) => Iterable<Uint8Array>>(torchZip, torchLegacy),
      wrap: fc.boolean(),
    })
    .map(({ root, form, wrap }) => whole(form(items.slice(0, 2), () => (wrap ? orderedDict([['a', root]]) : root))));

/** Archives whose entries have the wrong names or contents. */
const zipFiles = (): fc.Arbitrary<Uint8Array> => {
  const content = fc.oneof(
    fc.constantFrom(...Object.values(goodFiles)),
    fc.uint8Array({ maxLength: 30 }),
    pickled().map(pickle),
    fc.constant(new Uint8Array(4000)),
  );
  const name = fc.constantFrom('data.pkl', 'a/data.pkl', 'a/data/0', 'a/byteorder', 'net.pth', 'net.zip', '');
  const item = fc.record({ name, content, deflated: fc.boolean() }).map(({ content: bytes, ...rest }) => ({ ...rest, bytes: () => bytes }));
  return fc.record({ list: fc.array(item, { maxLength: 4 }), zip64: fc.boolean() }).map(({ list, zip64 }) => whole(zip(list, { zip64 })));
};

/** Headers of the right words in any order. */
const safetensorsFiles = (): fc.Arbitrary<Uint8Array> => {
  const field = fc.oneof(numbers(), fc.constantFrom('F32', 'F16', 'BF16', 'I64', 'F64', null), fc.array(numbers(), { maxLength: 3 }));
  const entry = fc.oneof(
    fc.record({
      dtype: fc.constantFrom('F32', 'F16', 'F64'),
      shape: fc.array(fc.nat(3), { maxLength: 3 }),
      data_offsets: fc.tuple(fc.nat(9), fc.nat(40)),
    }),
    fc.record({ dtype: field, shape: field, data_offsets: field }, { requiredKeys: [] }),
  );
  return fc
    .record({ header: fc.dictionary(fc.constantFrom('a', 'b', '__metadata__', '__proto__'), entry), data: fc.nat(40) })
    .map(({ header, data }) => {
      const json = text(JSON.stringify(header));
      return concatBytes([u64(json.length), json, new Uint8Array(data)]);
    });
};

/** Messages within messages of the right numbers in any order. */
const caffeFiles = (): fc.Arbitrary<Uint8Array> => {
  const field = fc.constantFrom(1, 2, 3, 4, 5, 6, 7, 8, 100, 0);
  const lengths = fc.constantFrom(0, 1, 4, 16, 1000, 2 ** 31, 2 ** 40, 2 ** 52);
  const parts = fc.letrec<{ part: Uint8Array; parts: Uint8Array[] }>((tie) => ({
    parts: fc.array(tie('part'), { maxLength: 5 }),
    part: fc.oneof(
      { maxDepth: 4 },
      fc
        .tuple(
          field,
          numbers().filter((n) => Number.isSafeInteger(n) && n >= 0),
        )
        .map(([number, value]) => integer(number, value)),
      fc
        .tuple(field, lengths, fc.uint8Array({ maxLength: 20 }))
        .map(([number, length, bytes]) => concatBytes([varint(number * 8 + 2), varint(length), bytes])),
      fc.tuple(field, fc.uint8Array({ maxLength: 20 })).map(([number, bytes]) => message(number, bytes)),
      { weight: 3, arbitrary: fc.tuple(field, tie('parts')).map(([number, inner]) => message(number, ...inner)) },
    ),
  })).parts;
  return parts.map(concatBytes);
};

export const damagedFiles = (): fc.Arbitrary<Uint8Array> =>
  fc.oneof({ weight: 6, arbitrary: mutated() }, { weight: 2, arbitrary: torchFiles() }, zipFiles(), safetensorsFiles(), caffeFiles());

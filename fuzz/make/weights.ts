import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { saveSafetensors } from '../../src/io/safetensors.js';
import { syntheticTensor } from '../../src/io/synthetic.js';
import { bytesOf } from '../../test/support/files/bytes.js';
import { caffeModel } from '../../test/support/files/caffe.js';
import { gguf } from '../../test/support/files/gguf.js';
import { npy } from '../../test/support/files/npy.js';
import type { Pickled } from '../../test/support/files/pickle.js';
import { type TorchItem, torchLegacy, torchZip, whole } from '../../test/support/files/torch.js';
import { zip } from '../../test/support/files/zip.js';
import { root } from '../place.js';

/** Small files of weights that are right, one of each kind. */

const seeded = (shape: readonly number[], seed: number) => syntheticTensor('input', shape, seed);
const floats = (name: string, ...shape: readonly number[]): TorchItem => ({
  name,
  type: 'Float',
  shape,
  bytes: () => bytesOf(seeded(shape, shape.length).data),
});

export const items: readonly TorchItem[] = [
  floats('module.layer1.0.conv1.weight', 4, 3, 2, 2),
  floats('module.bn.weight', 4),
  { name: 'module.fc.weight', type: 'Half', shape: [5, 4], bytes: () => new Uint8Array(40).fill(60) },
  { name: 'module.bn.num_batches_tracked', type: 'Long', shape: [], bytes: () => bytesOf(BigInt64Array.of(9n)) },
];

/** What a trainer keeps beside the weights. */
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

const fixture = (path: string): Uint8Array => new Uint8Array(readFileSync(new URL(`test/fixtures/${path}`, root)));
const npz = (deflated: boolean): Uint8Array =>
  whole(zip(items.slice(0, 2).map(({ name, shape, bytes }) => ({ name: `${name}.npy`, bytes: () => npy(shape, bytes()), deflated }))));

/** What Keras wrote. */
const few = (name: string): Uint8Array => new Uint8Array(gunzipSync(fixture(`keras/${name}.gz`)));

export const goodWeights: Readonly<Record<string, Uint8Array>> = {
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
  npz: npz(false),
  'npz deflated': npz(true),
  'pickle of arrays, protocol 2': fixture('pickles/arrays.2.pkl'),
  'pickle of arrays, protocol 5': fixture('pickles/arrays.5.pkl'),
  'pickle of tensors': fixture('pickles/tensors.4.pkl'),
  gguf: gguf(
    [
      { name: 'conv1.weight', type: 'F16', shape: [4, 3, 2, 2], bytes: new Uint8Array(96).fill(60) },
      { name: 'bn.weight', type: 'F32', shape: [4], bytes: bytesOf(seeded([4], 1).data) },
      { name: 'fc.weight', type: 'Q4_0', shape: [2, 32], bytes: new Uint8Array(36).fill(60) },
    ],
    {
      metadata: [
        ['general.alignment', { kind: 'u32', value: 64 }],
        ['general.architecture', { kind: 'string', value: 'mobilenetv3-small' }],
        ['image_mean', { kind: 'array', of: 'f32', values: [0.485, 0.456, 0.406].map((value) => ({ kind: 'f32', value })) }],
        ['tokens', { kind: 'array', of: 'string', values: ['a', 'é'].map((value) => ({ kind: 'string', value })) }],
      ],
      alignment: 64,
    },
  ),
  keras: few('few.h5'),
  'keras of today': few('few.weights.h5'),
  'keras archive': few('few.keras'),
  'keras of 2020': few('few.keras2.h5'),
  caffe: whole(caffeModel('net', layers)),
  'caffe V1': whole(caffeModel('net', layers, 'v1')),
};

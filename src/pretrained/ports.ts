import { type PresetName, presets } from './preset.js';
import type { Pretrained } from './pretrained.js';

/** Cadene's pretrained-models, on an old university host; a name ends in the start of its SHA-256. */
const files: readonly (readonly [name: string, preset: PresetName, file: string, sha256: string])[] = [
  ['se_resnet50', 'bilinear', 'se_resnet50', 'ce0d4300'],
  ['se_resnet101', 'bilinear', 'se_resnet101', '7e38fcc6'],
  ['se_resnet152', 'bilinear', 'se_resnet152', 'd17c99b7'],
  ['se_resnext50_32x4d', 'bilinear', 'se_resnext50_32x4d', 'a260b3a4'],
  ['se_resnext101_32x4d', 'bilinear', 'se_resnext101_32x4d', '3b2fe3d8'],
  ['senet154', 'bilinear', 'senet154', 'c7b49a05'],
  ['bninception', 'bninception', 'bn_inception', '52deb4733'],
  ['inceptionresnetv2', 'inceptionBilinear', 'inceptionresnetv2', '520b38e4'],
];

export const cadene: readonly Pretrained[] = files.map(([name, preset, file, sha256]) => ({
  name: `${name}.imagenet`,
  network: `cadene/${name}`,
  origin: { kind: 'url', url: `http://data.lip6.fr/cadene/pretrainedmodels/${file}-${sha256}.pth`, sha256 },
  preset: presets[preset],
  labels: 'imagenet',
  ...(name === 'bninception' && { accuracy: [73.524, 91.562] as const }),
}));

export const moskomule: readonly Pretrained[] = [
  {
    name: 'se_resnet50.in1k',
    network: 'moskomule/se_resnet50',
    origin: { kind: 'url', url: 'https://github.com/moskomule/senet.pytorch/releases/download/archive/seresnet50-60a8950a85b2b.pkl' },
    preset: presets.bilinear,
    labels: 'imagenet',
  },
];

/** The authors' release has no addresses that a program could fetch. */
export const caffe: readonly Pretrained[] = [
  'SE-ResNet-50',
  'SE-ResNet-101',
  'SE-ResNet-152',
  'SE-ResNeXt-50',
  'SE-ResNeXt-101',
  'SENet-154',
  'SE-BN-Inception',
].map((name) => ({
  name: `${name}.release`,
  network: `caffe/${name}`,
  origin: { kind: 'page', url: 'https://github.com/hujie-frank/SENet' },
  preset: presets.caffe,
  labels: 'imagenet',
}));

import { presets } from './preset.js';
import type { Pretrained } from './pretrained.js';

const lip6 = 'http://data.lip6.fr/cadene/pretrainedmodels';

/** Cadene's pretrained-models, on an old university host. */
export const cadene: readonly Pretrained[] = [
  {
    name: 'bninception.imagenet',
    network: 'cadene/bninception',
    origin: { kind: 'url', url: `${lip6}/bn_inception-52deb4733.pth`, sha256: '52deb4733' },
    preset: presets.bninception,
    labels: 'imagenet',
    accuracy: [73.524, 91.562],
  },
  {
    name: 'inceptionresnetv2.imagenet',
    network: 'cadene/inceptionresnetv2',
    origin: { kind: 'url', url: `${lip6}/inceptionresnetv2-520b38e4.pth`, sha256: '520b38e4' },
    preset: presets.inceptionBilinear,
    labels: 'imagenet',
  },
];

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

import { gateOptions, type Model } from './model.js';
import { type Naming, namings } from './naming.js';
import { type Rows, residualModels } from './residual.js';
import { type ResNetConfig, resnet } from './resnet.js';

const r18 = { block: 'basic', depths: [2, 2, 2, 2] } as const;
const r26 = { block: 'bottleneck', depths: [2, 2, 2, 2] } as const;
const r34 = { block: 'basic', depths: [3, 4, 6, 3] } as const;
export const r50 = { block: 'bottleneck', depths: [3, 4, 6, 3] } as const;
export const r101 = { block: 'bottleneck', depths: [3, 4, 23, 3] } as const;
const r152 = { block: 'bottleneck', depths: [3, 8, 36, 3] } as const;
const x32x4d = { family: 'resnext', groups: 32, baseWidth: 4 } as const;
const x32x8d = { family: 'resnext', groups: 32, baseWidth: 8 } as const;
const x64x4d = { family: 'resnext', groups: 64, baseWidth: 4 } as const;
const senet154 = { ...r152, ...x64x4d, family: 'senet', stem: 'deep64', halved: true, shortcut: 'conv3x3', reduction: 16 } as const;
const v1 = { stride: '1x1' } as const;
export const se = { reduction: 16 } as const;

const padded = { kernel: 3, stride: 2, padding: 1, rounding: 'floor' } as const;
const unpadded = { kernel: 3, stride: 2, padding: 0, rounding: 'ceil' } as const;
export const timm = { family: 'resnet', names: namings.timm, stem: 'conv7', pool: padded } as const;
const timmD = { family: 'resnet', names: namings.timmPooled, stem: 'deep32', pool: padded, shortcut: 'pool' } as const;
const legacy = { family: 'resnet', names: namings.legacy, stem: 'conv7', pool: unpadded, ...se } as const;
const pytorchcv = { family: 'resnet', names: namings.pytorchcv, stem: 'conv7', pool: padded } as const;
const cifar = { family: 'resnet', names: namings.pytorchcvCifar, stem: 'cifar', planes: 16, classes: 10, size: 32 } as const;

/** As torchvision defines them; timm's are the same but for names. */
const plain = {
  resnet18: { ...timm, ...r18 },
  resnet34: { ...timm, ...r34 },
  resnet50: { ...timm, ...r50 },
  resnet101: { ...timm, ...r101 },
  resnet152: { ...timm, ...r152 },
  resnext50_32x4d: { ...timm, ...r50, ...x32x4d },
} as const;

/** As the authors' Caffe files have them, of which Cadene's and timm's `legacy_*` are ports. */
const authors = {
  seresnet50: { ...legacy, ...r50, ...v1 },
  seresnet101: { ...legacy, ...r101, ...v1 },
  seresnet152: { ...legacy, ...r152, ...v1 },
  seresnext50: { ...legacy, ...r50, ...x32x4d },
  seresnext101: { ...legacy, ...r101, ...x32x4d },
  senet154: { ...legacy, ...senet154 },
} as const;

/** Small enough to be trained many times over. Ours: nobody publishes any. */
const small = { ...cifar, names: namings.timm, block: 'basic' } as const;

/** The same networks with another source's names. */
const renamed = (names: Naming, networks: Readonly<Record<string, ResNetConfig>>): Readonly<Record<string, ResNetConfig>> =>
  Object.fromEntries(Object.entries(networks).map(([name, config]) => [name, { ...config, names }]));

const rows: Rows<ResNetConfig> = {
  timm: {
    ...plain,
    resnext101_32x4d: { ...timm, ...r101, ...x32x4d },
    seresnet50: { ...timm, ...r50, ...se },
    seresnet152d: { ...timmD, ...r152, ...se },
    seresnext26d_32x4d: { ...timmD, ...r26, ...x32x4d, ...se },
    seresnext50_32x4d: { ...timm, ...r50, ...x32x4d, ...se },
    seresnext101_32x4d: { ...timm, ...r101, ...x32x4d, ...se },
    senet154: { ...timm, ...senet154 },
    legacy_seresnet18: { ...legacy, ...r18, branchRelu: true },
    legacy_seresnet34: { ...legacy, ...r34, branchRelu: true },
    legacy_seresnet50: authors.seresnet50,
    legacy_seresnet101: authors.seresnet101,
    legacy_seresnet152: authors.seresnet152,
    legacy_seresnext26_32x4d: { ...legacy, ...r26, ...x32x4d },
    legacy_seresnext50_32x4d: authors.seresnext50,
    legacy_seresnext101_32x4d: authors.seresnext101,
    legacy_senet154: authors.senet154,
  },
  torchvision: renamed(namings.torchvision, {
    ...plain,
    resnext101_32x8d: { ...timm, ...r101, ...x32x8d },
    resnext101_64x4d: { ...timm, ...r101, ...x64x4d },
  }),
  pytorchcv: {
    resnet18: { ...pytorchcv, ...r18 },
    resnet50: { ...pytorchcv, ...r50, ...v1 },
    resnet101: { ...pytorchcv, ...r101, ...v1 },
    resnet152: { ...pytorchcv, ...r152, ...v1 },
    seresnet18: { ...pytorchcv, ...r18, ...se },
    seresnet50: { ...pytorchcv, ...r50, ...v1, ...se },
    seresnet50b: { ...pytorchcv, ...r50, ...se },
    seresnet101: { ...pytorchcv, ...r101, ...v1, ...se },
    seresnet152: { ...pytorchcv, ...r152, ...v1, ...se },
    seresnext50_32x4d: { ...pytorchcv, ...r50, ...x32x4d, ...se },
    seresnext101_32x4d: { ...pytorchcv, ...r101, ...x32x4d, ...se },
    senet154: { ...pytorchcv, names: namings.pytorchcvSenet, ...senet154 },
    resnet20_cifar10: { ...cifar, block: 'basic', depths: [3, 3, 3] },
    resnet110_cifar10: { ...cifar, block: 'basic', depths: [18, 18, 18] },
    resnet164bn_cifar10: { ...cifar, block: 'bottleneck', depths: [18, 18, 18] },
    seresnet20_cifar10: { ...cifar, ...se, block: 'basic', depths: [3, 3, 3] },
    seresnet110_cifar10: { ...cifar, ...se, block: 'basic', depths: [18, 18, 18] },
    seresnet164bn_cifar10: { ...cifar, ...se, block: 'bottleneck', depths: [18, 18, 18] },
  },
  cadene: renamed(namings.cadene, {
    se_resnet50: authors.seresnet50,
    se_resnet101: authors.seresnet101,
    se_resnet152: authors.seresnet152,
    se_resnext50_32x4d: authors.seresnext50,
    se_resnext101_32x4d: authors.seresnext101,
    senet154: authors.senet154,
  }),
  moskomule: {
    se_resnet50: { ...timm, ...r50, ...se, names: namings.moskomule },
  },
  caffe: {
    'SE-ResNet-50': authors.seresnet50,
    'SE-ResNet-101': authors.seresnet101,
    'SE-ResNet-152': authors.seresnet152,
    'SE-ResNeXt-50': authors.seresnext50,
    'SE-ResNeXt-101': authors.seresnext101,
    'SENet-154': authors.senet154,
  },
  senet: {
    resnet8_cifar10: { ...small, depths: [1, 1, 1] },
    resnet14_cifar10: { ...small, depths: [2, 2, 2] },
    resnet20bn_cifar10: { ...small, block: 'bottleneck', depths: [2, 2, 2] },
    resnet20x2_cifar10: { ...small, planes: 32, depths: [3, 3, 3] },
    se_resnet8_cifar10: { ...small, ...se, depths: [1, 1, 1] },
    se_resnet14_cifar10: { ...small, ...se, depths: [2, 2, 2] },
    se_resnet20bn_cifar10: { ...small, block: 'bottleneck', reduction: 4, depths: [2, 2, 2] },
    se_resnet20x2_cifar10: { ...small, planes: 32, reduction: 4, depths: [3, 3, 3] },
  },
};

export const resnetModels: readonly Model[] = residualModels(rows, gateOptions, resnet);

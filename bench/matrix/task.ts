import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../runtimes.js';
import type { SmallNetwork, Task } from './answer.js';

export const vectorNames = ['resnet-50', 'se-resnet-50', 'se-resnext-50'] as const;

export const pictureNames = ['chelsea.png', 'coffee.png', 'rocket.jpg', 'moose.webp'] as const;

/** A network per family, as small as it can be; weights are synthetic. */
export const networks: readonly SmallNetwork[] = [
  { id: 'senet/se_resnet20x2_cifar10', size: 32 },
  { id: 'pytorchcv/sepreresnet20_cifar10', size: 32 },
  { id: 'torchvision/resnet18', size: 64 },
  { id: 'timm/legacy_seresnet50', size: 64 },
  { id: 'timm/seresnext26d_32x4d', size: 64 },
  { id: 'torchvision/vgg16_bn', size: 32 },
  { id: 'timm/inception_resnet_v2', size: 96 },
  { id: 'pytorchcv/bninception', size: 64 },
  { id: 'timm/mobilenetv1_100', size: 64 },
  { id: 'torchvision/mobilenet_v3_small', size: 64 },
  { id: 'timm/efficientnet_b0', size: 64 },
  { id: 'timm/regnety_002', size: 64 },
  { id: 'pytorchcv/shufflenet_g3_w1', size: 64 },
];

const sized = (...ids: readonly string[]): readonly SmallNetwork[] => networks.filter(({ id }) => ids.includes(id));

const threaded = sized('torchvision/resnet18', 'timm/efficientnet_b0');

/** All of docs/runtimes.md. */
export const wholeTask = async (): Promise<Task> => ({
  vectors: await Promise.all(
    vectorNames.map(async (name) => JSON.parse(await readFile(join(root, `assets/conformance/${name}.json`), 'utf8'))),
  ),
  pictures: await Promise.all(
    pictureNames.map(async (file) => ({ file, base64: await readFile(join(root, 'assets/images', file), 'base64') })),
  ),
  networks,
  threaded,
});

/** What tests do again: seconds in any runtime. */
export const shortTask: Task = {
  vectors: [],
  pictures: [],
  networks: sized('pytorchcv/sepreresnet20_cifar10', 'torchvision/mobilenet_v3_small', 'timm/efficientnet_b0'),
  threaded: sized('timm/efficientnet_b0'),
};

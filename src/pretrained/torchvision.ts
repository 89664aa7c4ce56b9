import { type PresetName, presets } from './preset.js';
import type { Pretrained } from './pretrained.js';

/** Below download.pytorch.org/models; a name ends in the start of its SHA-256. */
const files: readonly (readonly [name: string, preset: PresetName, file: string, sha256: string])[] = [
  ['resnet18.IMAGENET1K_V1', 'bilinear', 'resnet18', 'f37072fd'],
  ['resnet34.IMAGENET1K_V1', 'bilinear', 'resnet34', 'b627a593'],
  ['resnet50.IMAGENET1K_V1', 'bilinear', 'resnet50', '0676ba61'],
  ['resnet50.IMAGENET1K_V2', 'second', 'resnet50', '11ad3fa6'],
  ['resnet101.IMAGENET1K_V1', 'bilinear', 'resnet101', '63fe2227'],
  ['resnet101.IMAGENET1K_V2', 'second', 'resnet101', 'cd907fc2'],
  ['resnet152.IMAGENET1K_V1', 'bilinear', 'resnet152', '394f9c45'],
  ['resnet152.IMAGENET1K_V2', 'second', 'resnet152', 'f82ba261'],
  ['resnext50_32x4d.IMAGENET1K_V1', 'bilinear', 'resnext50_32x4d', '7cdf4587'],
  ['resnext50_32x4d.IMAGENET1K_V2', 'second', 'resnext50_32x4d', '1a0047aa'],
  ['resnext101_32x8d.IMAGENET1K_V1', 'bilinear', 'resnext101_32x8d', '8ba56ff5'],
  ['resnext101_32x8d.IMAGENET1K_V2', 'second', 'resnext101_32x8d', '110c445d'],
  ['resnext101_64x4d.IMAGENET1K_V1', 'second', 'resnext101_64x4d', '173b62eb'],
  ['vgg16_bn.IMAGENET1K_V1', 'bilinear', 'vgg16_bn', '6c64b313'],
  ['mobilenet_v3_small.IMAGENET1K_V1', 'bilinear', 'mobilenet_v3_small', '047dcff4'],
  ['mobilenet_v3_large.IMAGENET1K_V1', 'bilinear', 'mobilenet_v3_large', '8738ca79'],
  ['mobilenet_v3_large.IMAGENET1K_V2', 'second', 'mobilenet_v3_large', '5c1a4163'],
  ['efficientnet_b0.IMAGENET1K_V1', 'bicubic', 'efficientnet_b0_rwightman', '3dd342df'],
  ['regnet_y_400mf.IMAGENET1K_V1', 'bilinear', 'regnet_y_400mf', 'c65dace8'],
  ['regnet_y_400mf.IMAGENET1K_V2', 'second', 'regnet_y_400mf', 'e6988f5f'],
  ['regnet_y_800mf.IMAGENET1K_V1', 'bilinear', 'regnet_y_800mf', '1b27b58c'],
  ['regnet_y_800mf.IMAGENET1K_V2', 'second', 'regnet_y_800mf', '58fc7688'],
  ['regnet_y_1_6gf.IMAGENET1K_V1', 'bilinear', 'regnet_y_1_6gf', 'b11a554e'],
  ['regnet_y_1_6gf.IMAGENET1K_V2', 'second', 'regnet_y_1_6gf', '0d7bc02a'],
  ['regnet_y_3_2gf.IMAGENET1K_V1', 'bilinear', 'regnet_y_3_2gf', 'b5a9779c'],
  ['regnet_y_3_2gf.IMAGENET1K_V2', 'second', 'regnet_y_3_2gf', '9180c971'],
  ['regnet_y_8gf.IMAGENET1K_V1', 'bilinear', 'regnet_y_8gf', 'd0d0e4a8'],
  ['regnet_y_8gf.IMAGENET1K_V2', 'second', 'regnet_y_8gf', 'dc2b1b54'],
  ['regnet_y_16gf.IMAGENET1K_V1', 'bilinear', 'regnet_y_16gf', '9e6ed7dd'],
  ['regnet_y_16gf.IMAGENET1K_V2', 'second', 'regnet_y_16gf', '3e4a00f9'],
];

/** EfficientNet-B0's file does not begin as its name says (pytorch/vision#7744). */
const misnamed: Readonly<Record<string, string>> = { '3dd342df': '7f5810bc' };

export const torchvision: readonly Pretrained[] = files.map(([name, preset, file, sha256]) => ({
  name,
  network: `torchvision/${name.slice(0, name.indexOf('.'))}`,
  origin: { kind: 'url', url: `https://download.pytorch.org/models/${file}-${sha256}.pth`, sha256: misnamed[sha256] ?? sha256 },
  preset: presets[preset],
  labels: 'imagenet',
}));

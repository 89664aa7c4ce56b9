import { type PresetName, presets } from './preset.js';
import type { Pretrained } from './pretrained.js';

/** Weights of the hub's repositories `timm/NAME.TAG`; of a network, the first is what its bare name means. */
const hub: readonly (readonly [name: string, preset: PresetName, top1?: number, top5?: number])[] = [
  ['resnet18.a1_in1k', 'strikesBack'],
  ['resnet18.tv_in1k', 'bilinear'],
  ['resnet34.a1_in1k', 'strikesBack'],
  ['resnet34.tv_in1k', 'bilinear'],
  ['resnet50.a1_in1k', 'strikesBack'],
  ['resnet50.tv_in1k', 'bilinear', 76.156, 92.866],
  ['resnet50.tv2_in1k', 'second'],
  ['resnet101.a1h_in1k', 'strikesBack'],
  ['resnet101.tv_in1k', 'bilinear'],
  ['resnet101.tv2_in1k', 'second'],
  ['resnet152.a1h_in1k', 'strikesBack'],
  ['resnet152.tv_in1k', 'bilinear'],
  ['resnet152.tv2_in1k', 'second'],
  ['resnext50_32x4d.a1h_in1k', 'strikesBack'],
  ['resnext50_32x4d.tv_in1k', 'bilinear'],
  ['resnext101_32x4d.gluon_in1k', 'bicubic'],
  ['resnext101_32x4d.fb_swsl_ig1b_ft_in1k', 'bilinear'],
  ['seresnet50.a1_in1k', 'strikesBack'],
  ['seresnet50.ra2_in1k', 'bicubic288', 80.26, 95.068],
  ['seresnet50.a2_in1k', 'strikesBack'],
  ['seresnet50.a3_in1k', 'strikesBack160'],
  ['seresnext50_32x4d.racm_in1k', 'bicubic288'],
  ['seresnext50_32x4d.gluon_in1k', 'bicubic'],
  ['seresnext101_32x4d.gluon_in1k', 'bicubic'],
  ['senet154.gluon_in1k', 'bicubic', 81.258, 95.358],
  ['seresnext26d_32x4d.bt_in1k', 'bicubic288'],
  ['seresnet152d.ra2_in1k', 'bicubic256'],
  ['vgg16_bn.tv_in1k', 'bilinear', 73.354, 91.49],
  ['inception_resnet_v2.tf_in1k', 'inception', 80.434, 95.312],
  ['inception_resnet_v2.tf_ens_adv_in1k', 'inception'],
  ['mobilenetv1_100.ra4_e3600_r224_in1k', 'mobilenetv1', 75.388, 92.31],
  ['mobilenetv3_large_100.ra_in1k', 'bicubic', 75.784, 92.528],
  ['mobilenetv3_large_100.miil_in21k_ft_in1k', 'unit'],
  ['mobilenetv3_small_100.lamb_in1k', 'bicubic', 67.636, 87.638],
  ['tf_mobilenetv3_large_100.in1k', 'halfBilinear'],
  ['tf_mobilenetv3_small_100.in1k', 'halfBilinear'],
  ['efficientnet_b0.ra_in1k', 'bicubic', 77.698, 93.538],
  ['efficientnet_b0.ra4_e3600_r224_in1k', 'efficientnet'],
  ['tf_efficientnet_b0.ns_jft_in1k', 'bicubic'],
  ['tf_efficientnet_b0.aa_in1k', 'bicubic'],
  ['tf_efficientnet_b0.in1k', 'bicubic'],
  ['regnety_002.pycls_in1k', 'bicubic'],
  ['regnety_004.pycls_in1k', 'bicubic', 74.004, 91.756],
  ['regnety_004.tv2_in1k', 'secondBicubic'],
  ['regnety_006.pycls_in1k', 'bicubic'],
  ['regnety_008.pycls_in1k', 'bicubic'],
  ['regnety_008_tv.tv2_in1k', 'secondBicubic'],
  ['regnety_016.pycls_in1k', 'bicubic'],
  ['regnety_016.tv2_in1k', 'secondBicubic'],
  ['regnety_032.ra_in1k', 'strikesBack'],
  ['regnety_032.pycls_in1k', 'bicubic'],
  ['regnety_040.pycls_in1k', 'bicubic'],
  ['regnety_040.ra3_in1k', 'strikesBack'],
  ['regnety_064.pycls_in1k', 'bicubic'],
  ['regnety_080.pycls_in1k', 'bicubic'],
  ['regnety_080_tv.tv2_in1k', 'secondBicubic'],
  ['regnety_120.pycls_in1k', 'bicubic'],
  ['regnety_160.pycls_in1k', 'bicubic'],
  ['regnety_160.deit_in1k', 'strikesBack'],
];

/** The authors' networks as ported by Cadene and timm: assets of timm's releases. Their names end in the start of their SHA-256. */
const legacy: readonly (readonly [name: string, preset: PresetName, file: string, top1: number, top5: number])[] = [
  ['legacy_seresnet18', 'bicubic', 'v0.1-weights/seresnet18-4bb0ce65.pth', 71.742, 90.34],
  ['legacy_seresnet34', 'bilinear', 'v0.1-weights/seresnet34-a4004e63.pth', 74.788, 92.134],
  ['legacy_seresnet50', 'bilinear', 'v0.1-cadene/se_resnet50-ce0d4300.pth', 77.65, 93.732],
  ['legacy_seresnet101', 'bilinear', 'v0.1-cadene/se_resnet101-7e38fcc6.pth', 78.37, 94.264],
  ['legacy_seresnet152', 'bilinear', 'v0.1-cadene/se_resnet152-d17c99b7.pth', 78.662, 94.37],
  ['legacy_seresnext26_32x4d', 'bicubic', 'v0.1-weights/seresnext26_32x4d-65ebdb501.pth', 77.1, 93.332],
  ['legacy_seresnext50_32x4d', 'bilinear', 'v0.1-weights/legacy_se_resnext50_32x4d-f3651bad.pth', 79.08, 94.428],
  ['legacy_seresnext101_32x4d', 'bilinear', 'v0.1-weights/legacy_se_resnext101_32x4d-37725eac.pth', 80.274, 95.032],
  ['legacy_senet154', 'bilinear', 'v0.1-weights/legacy_senet154-e9eb9fe6.pth', 81.32, 95.502],
];

const releases = 'https://github.com/rwightman/pytorch-image-models/releases/download';

export const timm: readonly Pretrained[] = [
  ...hub.map(
    ([name, preset, top1, top5]): Pretrained => ({
      name,
      network: `timm/${name.slice(0, name.indexOf('.'))}`,
      origin: { kind: 'hub', repository: `timm/${name}`, file: 'model.safetensors' },
      preset: presets[preset],
      labels: 'imagenet',
      ...(top1 !== undefined && top5 !== undefined && { accuracy: [top1, top5] }),
    }),
  ),
  ...legacy.map(
    ([name, preset, file, top1, top5]): Pretrained => ({
      name: `${name}.in1k`,
      network: `timm/${name}`,
      origin: { kind: 'url', url: `${releases}/${file}`, sha256: hashInName(file) },
      preset: presets[preset],
      labels: 'imagenet',
      accuracy: [top1, top5],
    }),
  ),
];

/** `se_resnet50-ce0d4300.pth` → `ce0d4300`. */
function hashInName(file: string): string {
  return file.slice(file.lastIndexOf('-') + 1, file.lastIndexOf('.'));
}

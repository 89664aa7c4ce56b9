import { presets } from './preset.js';
import type { Pretrained } from './pretrained.js';

/**
 * Assets of pytorchcv's releases, each a .zip of one .pth: release / network - error on the validation images in units of 0.01 % - the start
 * of the SHA-1 of the .pth. Networks called `_cifar10` are trained on that, the others on ImageNet.
 */
const files: readonly string[] = [
  'v0.0.155/mobilenet_w1-0895-7e1d739f',
  'v0.0.244/shufflenet_g3_w1-1348-ce54f64e',
  'v0.0.405/bninception-0774-d79ba5f5',
  'v0.0.478/resnet18-0896-77a56f15',
  'v0.0.329/resnet50-0633-b00d1c8e',
  'v0.0.499/resnet101-0540-65faf447',
  'v0.0.518/resnet152-0468-d46977dd',
  'v0.0.355/seresnet18-0961-022123a5',
  'v0.0.441/seresnet50-0575-004bfde4',
  'v0.0.387/seresnet50b-0539-459e6871',
  'v0.0.533/seresnet101-0460-37851448',
  'v0.0.538/seresnet152-0439-7a6b02ac',
  'v0.0.543/sepreresnet18-0909-cd3cc116',
  'v0.0.461/sepreresnet50b-0549-4628a07d',
  'v0.0.505/seresnext50_32x4d-0451-52029a7f',
  'v0.0.529/seresnext101_32x4d-0467-c738e758',
  'v0.0.522/senet154-0455-95dbccbe',
  'v0.0.359/bn_vgg16-0779-0f570b92',
  'v0.0.489/bn_vgg16b-0795-bfff365a',
  'v0.0.163/resnet20_cifar10-0597-9b0024ac',
  'v0.0.163/resnet110_cifar10-0369-4d6ca1fc',
  'v0.0.179/resnet164bn_cifar10-0368-74ae9f4b',
  'v0.0.164/preresnet110_cifar10-0386-cc08946a',
  'v0.0.196/preresnet164bn_cifar10-0364-429012d4',
  'v0.0.362/seresnet20_cifar10-0601-935d8943',
  'v0.0.362/seresnet110_cifar10-0363-1ddec230',
  'v0.0.362/seresnet164bn_cifar10-0339-1085dab6',
  'v0.0.379/sepreresnet20_cifar10-0618-eabb3fce',
  'v0.0.379/sepreresnet110_cifar10-0454-418daea9',
  'v0.0.379/sepreresnet164bn_cifar10-0373-ff353a29',
  'v0.0.166/wrn16_10_cifar10-0293-ce810d8a',
];

const releases = 'https://github.com/osmr/imgclsmob/releases/download';

export const pytorchcv: readonly Pretrained[] = files.map((file) => {
  const name = file.slice(file.indexOf('/') + 1, file.indexOf('-'));
  const [tag, labels, preset] = name.endsWith('_cifar10')
    ? (['cifar10', 'cifar10', presets.cifar] as const)
    : (['in1k', 'imagenet', presets.bilinear] as const);
  return {
    name: `${name}.${tag}`,
    network: `pytorchcv/${name}`,
    origin: { kind: 'url', url: `${releases}/${file}.pth.zip` },
    preset,
    labels,
  };
});

import { presets } from './preset.js';
import type { Pretrained } from './pretrained.js';

/**
 * Networks that this project trained and ships: docs/models.md says how, and how well. The first is what `classify` uses where nothing else is
 * asked for.
 */
export const shipped = [
  shippedAs('senet/se_resnet20x2_cifar10', [90.31, 99.6]),
  shippedAs('pytorchcv/seresnet20_cifar10', [88.24, 99.55]),
  shippedAs('pytorchcv/resnet20_cifar10', [88.12, 99.59]),
] as const;

/** @param accuracy of the test images, re-encoded as JPEG as the training images were */
function shippedAs(id: string, accuracy: readonly [top1: number, top5: number]): Pretrained & { readonly accuracy: typeof accuracy } {
  const network = id.slice(id.indexOf('/') + 1);
  return {
    name: `${network}.senet`,
    network: id,
    origin: { kind: 'shipped', file: `weights/${network}.safetensors` },
    preset: presets.cifar,
    labels: 'cifar10',
    accuracy,
  };
}

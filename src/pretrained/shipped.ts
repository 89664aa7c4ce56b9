import { presets } from './preset.js';
import type { Pretrained } from './pretrained.js';

/**
 * Networks that this project trained and ships: docs/models.md says how, and how well. The first is what `classify` uses where nothing else is
 * asked for.
 */
export const shipped: readonly [Pretrained, ...Pretrained[]] = [shippedAs('seresnet20_cifar10')];

function shippedAs(network: string): Pretrained {
  return {
    name: `${network}.senet`,
    network: `pytorchcv/${network}`,
    origin: { kind: 'shipped', file: `weights/${network}.safetensors` },
    preset: presets.cifar,
    labels: 'cifar10',
  };
}

import type { Trainee } from './compare.js';

/**
 * The paper's ablations (Hu 2018, §6.2 to 6.5, tables 11 to 16) for CIFAR-10. As there, blocks are bottlenecks, and the layers of the gates have no biases. A
 * reduction of 4 gives each gate 16 hidden units or more; with one or two, most gates of small networks die (docs/models.md).
 */

const network = 'se_resnet20bn_cifar10';
const without: Trainee = { name: 'without SE', model: 'resnet20bn_cifar10', options: {} };
const variant = (name: string, options: Trainee['options']): Trainee => ({
  name,
  model: network,
  options: { gateBias: false, ...options },
});
const standard = variant('SE', {});

/** By what varies. */
export const ablations = {
  squeeze: [without, standard, variant('SE, maximum', { squeeze: 'max' }), variant('SE, no squeeze', { squeeze: 'none' })],
  excitation: [standard, variant('SE, ReLU', { excitation: 'relu' }), variant('SE, tanh', { excitation: 'tanh' })],
  placement: [
    standard,
    variant('SE-PRE', { placement: 'pre' }),
    variant('SE-POST', { placement: 'post' }),
    variant('SE-Identity', { placement: 'identity' }),
    variant('SE_3x3', { placement: '3x3' }),
  ],
  stages: [without, ...[2, 3, 4].map((stage) => variant(`SE in stage ${stage}`, { stages: [stage] })), standard],
} as const satisfies Readonly<Record<string, readonly Trainee[]>>;

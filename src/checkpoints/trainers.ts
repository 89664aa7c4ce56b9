import { likelihood, wordsOf } from '../io/stateNames.js';
import { type Shape, sizeOf } from '../tensor.js';
import type { Shaped } from './misfits.js';

/**
 * What a trainer keeps beside a network and inference has no use for, told by the words of a tensor's path. What no word tells is taken for a part of
 * the function: a file is refused sooner than answered otherwise than by its own trainer.
 */

/** Words, by why inference passes over what bears them. */
const trainersWords: Readonly<Record<string, string>> = {
  'a loss, its weights of classes and what it compares': 'criteria criterion objective bce ce focal kl nll ohem smoothing lpips perceptual',
  'what a loss weighs classes or tasks by': 'classweight classweights posweight posweights logvar logvars',
  'a head of metric learning, which scores classes in training alone':
    'adacos arc arcface arcmargin circle cosface curricularface magface margin metric proxies proxy sphereface triplet',
  'centres that a loss draws features to': 'center centers centre centres centroid centroids',
  'features of other images': 'bank membank memory queue queues',
  'a network that is trained against this one': 'adversarial adversary critic domain',
  'what distils another network into this one': 'distill distillation distiller kd',
  'measurements of training': 'acc accuracy auc auroc best confmat confusion history meter meters metrics',
  'where training stands':
    'count counter decay epoch epochs initted iter iteration iterations num step steps updates lr seed version device dummy',
  'what changes nothing once trained': 'augment augmentation augmentations augmentor cutmix drop dropblock dropout mixup',
  'importance of weights for an earlier task': 'importance omega',
};

const words = new Set(Object.values(trainersWords).flatMap((line) => line.split(' ')));
const pairs = /(?:^|_)(?:class_weights?|pos_weights?|log_vars?)(?:_|$)/;

/** Whether a tensor is a trainer's, by its path below the modules that it shares with the network. */
export const isTrainers = (path: string, tensor: Shaped): boolean =>
  sizeOf(tensor.shape) === 0 || isCount(tensor) || isNormalisation(path, tensor.shape) || hasTrainersWord(path);

/** Whether a word of a path is a trainer's, or tells of an average or another network. */
export function hasTrainersWord(path: string): boolean {
  const parts = path.split('.').flatMap(wordsOf);
  if (parts.some((word) => words.has(word) || word.includes('loss')) || pairs.test(parts.join('_'))) return true;
  return likelihood(path) === 2 && !parts.includes('pool'); // an `avg_pool` is no average
}

/** Whole numbers are counters, places in a queue and seeds: no network computes with a few of them. */
const isCount = ({ shape, dtype }: Shaped): boolean => shape.length <= 1 && dtype !== undefined && !isFloats(dtype);

/** Whether a dtype's name is one of floating-point numbers. */
export const isFloats = (dtype: string): boolean => /^B?F\d/i.test(dtype);

/** Mean and deviation of the images' channels, which belong to their preparation. */
export function isNormalisation(path: string, shape: Shape): boolean {
  const [name = '', module = ''] = path.split('.').reverse();
  return isOfChannels.test(name) && (sizeOf(shape) === 3 || (sizeOf(shape) === 1 && /^(?:de)?norm|^image/i.test(module)));
}

const isOfChannels = /^(?!running_)(?:\w+_)?(?:mean|means|mu|std|stds|sigma|variance)$/;

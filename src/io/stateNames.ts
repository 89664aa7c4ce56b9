/** What the keys and modules that lead to tensors say of them. */

/** Under which, or at the top, trainers keep the weights that they themselves load and evaluate. */
const plain = new Set(['', ...'state_dict model_state_dict model_state model net network weights params module student'.split(' ')]);

/** Words for an average of the weights, or for another network's. */
const averaged = /^(ema\w*|\w*ema|swa|avg|averaged?|teacher|shadow|momentum|target|discriminator|optimizer)$/i;

/**
 * How likely the tensors below a path are those that the file's own trainer would load: the least number first. torchvision, timm and
 * Lightning evaluate the plain weights of a file unless they are told to take the average.
 */
export function likelihood(path: string): 0 | 1 | 2 {
  const keys = path.split('.');
  if (keys.some((key) => key.split(/[_-]/).some((word) => averaged.test(word)))) return 2;
  return plain.has(keys.at(-1) ?? '') ? 0 : 1;
}

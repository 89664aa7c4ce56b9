/** What the keys and modules that lead to tensors say of them. */

/** Under which, or at the top, trainers keep the weights that they themselves load and evaluate. */
const plain = new Set(['', ...'state_dict model_state_dict model_state model net network weights params module student'.split(' ')]);

/** Words for an average of the weights. */
const averages = 'swa avg average averaged averager averaging mean polyak shadow smoothed slow lookahead momentum';

/** For another network, or for weights of another time. */
const others = 'teacher target tgt discriminator reference ref frozen old prev previous pretrained init initial backup';

/** For what is shaped as weights are, and is none. */
const noWeights = 'optimizer optimizers optim grad grads gradient gradients fisher';

const words = new Set([averages, others, noWeights].join(' ').split(' '));
const ema = /^(?:ema\w*|\w*ema)$/;

/** Words for any network, which are written together with others: `swamodel`, `targetnet`. */
const anyNetwork = /^(?:model|network|net|encoder|weights|params)|(?:model|network|net|encoder|weights|params)$/;

/** The key's encoder beside the query's, and the teacher beside the student, by a letter. */
const byLetter = /(?:^|_)(?:(?:k|key|t)_(?:encoder|model|network|net|backbone)|(?:encoder|model|network|net|backbone)_(?:k|key|t))(?:_|$)/;

/**
 * How likely the tensors below a path are those that the file's own trainer would load: the least number first. torchvision, timm and
 * Lightning evaluate the plain weights of a file unless they are told to take the average.
 */
export function likelihood(path: string): 0 | 1 | 2 {
  const keys = path.split('.');
  if (keys.some(isAnothers)) return 2;
  return plain.has(keys.at(-1) ?? '') ? 0 : 1;
}

function isAnothers(key: string): boolean {
  const parts = wordsOf(key);
  return (
    parts.some((word) => ema.test(word) || words.has(word) || words.has(word.replace(anyNetwork, ''))) || byLetter.test(parts.join('_'))
  );
}

/** `teacherNet`, `EMAModel`, `teacher1` and `mean_model` are two words each. */
export const wordsOf = (key: string): readonly string[] =>
  key
    .replace(/([a-z])(?=[A-Z])|([A-Z])(?=[A-Z][a-z])/g, '$1$2_')
    .toLowerCase()
    .split(/[^a-z]+/);

import { type PreprocessOptions, preprocess } from '../../io/preprocess.js';
import type { Tensor } from '../../tensor.js';
import { readImage } from './image.js';

/** So many of a list, evenly. */
export const spread = <T>(list: readonly T[], most: number): readonly T[] =>
  list.length <= most ? list : Array.from({ length: most }, (_, i) => list[Math.floor((i * list.length) / most)] as T);

/** Pictures, read anew each time. @throws InputError for one that cannot be read */
export const tensorsOf = (files: readonly string[], options: PreprocessOptions): AsyncIterable<Tensor> => ({
  async *[Symbol.asyncIterator]() {
    for (const file of files) yield preprocess(await readImage(file), options);
  },
});

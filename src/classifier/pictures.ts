import { InputError } from '../errors.js';
import { kindOf } from '../tensor.js';

/** What `classifyAll` reads. @throws InputError for what holds no pictures one after another */
export function checkPictures(pictures: unknown): void {
  const held = (pictures ?? {}) as { readonly [Symbol.iterator]?: unknown; readonly [Symbol.asyncIterator]?: unknown };
  if (typeof held[Symbol.iterator] !== 'function' && typeof held[Symbol.asyncIterator] !== 'function')
    throw new InputError(`classifyAll takes pictures one after another, as a list, not ${kindOf(pictures)}`);
}

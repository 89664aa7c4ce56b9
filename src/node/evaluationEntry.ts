import type { Scored } from '../classifier/scores.js';
import { InputError } from '../errors.js';
import { type Kind, listOf, objectWith, optional, text, wholeFrom } from '../io/schema.js';
import type { Example } from './images/dataset.js';

/** What an evaluation's journal has of an image: how it was classified, or why it was not. */
export type Entry = { readonly index: number; readonly name: string } & (Scored | { readonly error: string });

/** So many of the most probable classes are kept. */
export const mostProbable = 5;

/** An entry of the evaluation of these images by a network of so many classes. */
export function entryOf(examples: readonly Example[], classes: number): Kind<Entry> {
  const label = wholeFrom(0, classes - 1);
  const kept = Math.min(mostProbable, classes);
  const fields = objectWith({
    index: wholeFrom(0, examples.length - 1),
    name: text,
    error: optional(text),
    label: optional(label),
    top: optional(listOf(label, kept)),
  });
  return {
    what: 'what became of an image',
    read(value, path) {
      const { index, name, error, label, top } = fields.read(value, path);
      const example = examples[index];
      if (example?.name !== name) throw new InputError(`image ${index} must be ${example?.name}`);
      if (error !== undefined) return { index, name, error };
      if (label !== example.label || top === undefined || new Set(top).size < kept)
        throw new InputError(`must have its label ${example.label}, and ${kept} classes as top`);
      return { index, name, label, top };
    },
  };
}

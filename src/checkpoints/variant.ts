import { WeightsError } from '../errors.js';
import { createModel } from '../models/index.js';
import { gateOptions, type ModelOptions } from '../models/model.js';

/** The keys under which our own files say which network they are of: names do not always tell, and of a variant shapes may not either. */
export const modelKey = 'senet.model';
const optionsKey = 'senet.options';

/** The key under which a file says how the images were made that it was trained for (`trainedMetadata`). */
export const imagesKey = 'senet.images';

/** The key under which it is said how images are normalised, where a layer of the file does it (`normalisationMetadata`). */
export const normalisationKey = 'senet.normalisation';

/** Options that say what a network computes; the others are about its image and its outputs. */
const variantOptions: readonly string[] = [...gateOptions, 'se', 'quantised'];

/** What a file of a network's weights says of it, beside what its metadata say otherwise. */
export function networkMetadata(
  { model, options }: { readonly model: string; readonly options: ModelOptions },
  { [optionsKey]: _, ...others }: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  return { ...others, [modelKey]: model, ...(Object.keys(options).length > 0 && { [optionsKey]: JSON.stringify(options) }) };
}

/** The variant that a file says it is of; undefined if it says nothing of one. @throws WeightsError for a variant that no network has. */
export function variantOf(
  metadata: Readonly<Record<string, string>>,
): { readonly model: string; readonly options: ModelOptions } | undefined {
  const { [modelKey]: model, [optionsKey]: text } = metadata;
  if (text === undefined) return undefined;
  const wrong = (what: string, cause?: unknown): WeightsError => new WeightsError(`metadata ${optionsKey}: ${what}`, { cause });
  if (model === undefined) throw wrong(`expected ${modelKey} beside it`);
  try {
    const options: unknown = JSON.parse(text);
    if (typeof options !== 'object' || options === null) throw wrong('expected an object');
    const strange = Object.keys(options).find((key) => !variantOptions.includes(key));
    if (strange !== undefined) throw wrong(`expected ${variantOptions.join(', ')}, found ${strange.slice(0, 80)}`);
    createModel(model, options);
    return { model, options };
  } catch (cause) {
    throw cause instanceof WeightsError ? cause : wrong((cause as Error).message.slice(0, 200), cause);
  }
}

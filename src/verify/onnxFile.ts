import { InputError } from '../errors.js';
import { flag, listOf, number, objectWith, oneOf, optional, plain, type Read, text, wholeFrom } from '../io/schema.js';
import { type Shape, sizeOf } from '../tensor.js';
import { conformanceLimits } from './vector.js';

/** A list of ONNX files with their outputs on generated inputs (test/fixtures/onnx/README.md). */

/** Half a gibibyte in float64. */
const mostValues = 2 ** 26;

const shape = {
  ...listOf(wholeFrom(1)),
  read(value: unknown, path: string): Shape {
    const found = listOf(wholeFrom(1)).read(value, path);
    if (sizeOf(found) > mostValues)
      throw new InputError(`${path} must be of at most ${mostValues} values, not ${JSON.stringify(found).slice(0, 60)}`);
    return found;
  },
};

/** One that lies beside the list. */
const fileName = plain<string>(
  'the name of a file in the same folder',
  (value) => typeof value === 'string' && value !== '' && !/[\\/]|^\.\.?$/.test(value),
);

const model = objectWith({
  file: fileName,
  inputName: text,
  seed: number,
  gain: optional(number, 1),
  inputType: optional(oneOf('float16'), undefined),
  /** Whether the file's weights are taken out: each is uniform-v1 by its own name. */
  structure: optional(flag, false),
  runs: listOf(objectWith({ input: shape, float64: listOf(number) })),
});

const file = objectWith({ models: listOf(model) });

export type ListedModel = Read<typeof model>;

/** @throws InputError that names the field which is missing or not what the format has. */
export const parseOnnxFile = (json: unknown): readonly ListedModel[] => file.read(json, '').models;

/** Of outputs, relative to the largest: what float32 and float16 networks are published to agree to. */
export const onnxLimits = { ...conformanceLimits, float16: 1e-2 } as const;

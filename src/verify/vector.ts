import { InputError } from '../errors.js';
import { anyText, type Kind, listOf, nullable, number, objectWith, optional, record, wholeFrom } from '../io/schema.js';
import { type ModelSource, sources } from '../models/model.js';

/** A conformance vector: what PyTorch computed, in float64, for a published network on generated weights and image. */
export interface Vector {
  /** The vector's own name. */
  readonly model: string;
  /** Our id of the network, `source/name`. */
  readonly id: string;
  readonly seed: number;
  readonly gain: number;
  /** The image's shape, [N, C, H, W]. */
  readonly input: readonly [number, number, number, number];
  readonly classes: number;
  readonly parameters: number;
  /** [N · classes]. */
  readonly logits: Float64Array;
  /** Gates by their published module path, each [N · channels]. */
  readonly gates: ReadonlyMap<string, Float64Array>;
}

/** Limits of assets/conformance, by algorithm: of logits relative to the largest, of gates absolutely. */
export const conformanceLimits = { direct: 1e-5, fast: 1e-4 } as const;

/** Values in rows, or in rows of rows, as one row. */
const values: Kind<Float64Array> = {
  what: 'a list of numbers, or of lists of them',
  read(value, path) {
    const flat = flattened(value, 4);
    if (flat === undefined || flat.length === 0 || !flat.every(Number.isFinite))
      throw new InputError(`${path}: expected a list of numbers`);
    return Float64Array.from(flat as readonly number[]);
  },
};

/** What lists hold, and lists in them, as far as that goes; undefined for what is no list. */
function flattened(value: unknown, depth: number): readonly unknown[] | undefined {
  return Array.isArray(value) && depth > 0 ? value.flatMap((entry) => flattened(entry, depth - 1) ?? [entry]) : undefined;
}

/** Half a gibibyte in float64, and more than any network here takes. */
const mostValues = 2 ** 26;

const vector = objectWith({
  model: optional(anyText),
  source: anyText,
  seed: number,
  gain: number,
  input: listOf(wholeFrom(1), 4),
  parameters: wholeFrom(0),
  logits: values,
  gates: optional(nullable(record), null),
});

/** @throws InputError that names the field which is missing or not what the format has. */
export function parseVector(json: unknown): Vector {
  const { model = '', source, seed, gain, input, parameters, logits, gates } = vector.read(json, '');
  const [N, C, H, W] = input as readonly [number, number, number, number];
  if (N * C * H * W > mostValues) throw new InputError(`input must be of at most ${mostValues} values, not ${JSON.stringify(input)}`);
  const classes = logits.length / N;
  if (!Number.isSafeInteger(classes)) throw new InputError(`logits: ${logits.length} values are not a row for each of ${N} images`);
  return {
    model,
    id: idOf(source),
    seed,
    gain,
    input: [N, C, H, W],
    classes,
    parameters,
    logits,
    gates: new Map(Object.entries(gates ?? {}).map(([name, gate]) => [name, values.read(gate, `gates.${name}`)])),
  };
}

/** The same, as what a file holds. */
export const vectorFile: Kind<Vector> = { what: 'a conformance vector', read: parseVector };

/** `timm legacy_seresnet50`, `Cadene inceptionresnetv2 (1000 classes)`: a library in any case, its name for the network, remarks in brackets. */
export function idOf(source: string): string {
  const [library = '', name, ...rest] = source
    .replaceAll(/\([^()]*\)/g, ' ')
    .trim()
    .split(/\s+/);
  const known = sources.find((candidate: ModelSource) => candidate === library.toLowerCase());
  if (known === undefined || name === undefined || rest.length > 0)
    throw new InputError(`source: expected one of ${sources.join(', ')} and a network, found ${JSON.stringify(source.slice(0, 80))}`);
  return `${known}/${name}`;
}

/** The generated weights and images that networks are timed on: those of the shipped vectors, so that their float64 logits hold for them. */
export const synthetic = { seed: 7, gain: 1 } as const;

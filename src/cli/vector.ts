import { InputError } from '../errors.js';
import { type Source, sources } from '../models/model.js';

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

/** @throws InputError that names the field which is missing or not what the format has. */
export function parseVector(json: unknown): Vector {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw new InputError('a conformance vector is a JSON object');
  const fields = json as Readonly<Record<string, unknown>>;
  const input = numbers(fields, 'input');
  const [N, C, H, W] = input;
  if (input.length !== 4 || ![...input].every((extent) => Number.isSafeInteger(extent) && extent > 0))
    throw new InputError(`input: expected four extents, found ${JSON.stringify(fields.input)}`);
  const logits = numbers(fields, 'logits');
  const classes = logits.length / (N as number);
  if (!Number.isSafeInteger(classes) || classes < 1)
    throw new InputError(`logits: ${logits.length} values are not a row for each of ${N} images`);
  const gates = fields.gates ?? {};
  if (typeof gates !== 'object' || Array.isArray(gates)) throw new InputError('gates: expected values by module path');
  return {
    model: typeof fields.model === 'string' ? fields.model : '',
    id: idOf(fields.source),
    seed: number(fields, 'seed'),
    gain: number(fields, 'gain'),
    input: [N as number, C as number, H as number, W as number],
    classes,
    parameters: number(fields, 'parameters'),
    logits,
    gates: new Map(Object.keys(gates).map((name) => [name, numbers(gates as Readonly<Record<string, unknown>>, name)])),
  };
}

/** `timm legacy_seresnet50`, `Cadene inceptionresnetv2 (1000 classes)`: a library in any case, its name for the network, remarks in brackets. */
function idOf(source: unknown): string {
  const text = typeof source === 'string' ? source.replaceAll(/\([^()]*\)/g, ' ') : '';
  const [library = '', name, ...rest] = text.trim().split(/\s+/);
  const known = sources.find((candidate: Source) => candidate === library.toLowerCase());
  if (known === undefined || name === undefined || rest.length > 0)
    throw new InputError(`source: expected one of ${sources.join(', ')} and a network, found ${JSON.stringify(source)}`);
  return `${known}/${name}`;
}

function number(fields: Readonly<Record<string, unknown>>, name: string): number {
  const value = fields[name];
  if (typeof value !== 'number') throw new InputError(`${name}: expected a number, found ${JSON.stringify(value)}`);
  return value;
}

/** A list of numbers, or a list of such lists, as one row. */
function numbers(fields: Readonly<Record<string, unknown>>, name: string): Float64Array {
  const value = fields[name];
  const flat: unknown[] = Array.isArray(value) ? value.flat(Infinity) : [];
  if (!Array.isArray(value) || flat.length === 0 || !flat.every((item) => typeof item === 'number'))
    throw new InputError(`${name}: expected a list of numbers`);
  return Float64Array.from(flat as number[]);
}

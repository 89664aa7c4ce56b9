import { WeightsError } from '../errors.js';
import { Budget, heap } from '../io/budget.js';
import { parseFileJson } from '../io/json.js';
import { readRange, type Source } from '../io/source.js';

/**
 * A checkpoint in several files, as Hugging Face's libraries save large ones: `model.safetensors.index.json` or `pytorch_model.bin.index.json` says
 * which tensor lies in which of the files beside it.
 */
export interface ShardIndex {
  /** The files' names, each once. */
  readonly files: readonly string[];
  /** The file of each tensor. */
  readonly places: ReadonlyMap<string, string>;
}

/** Whether a file begins as JSON does. A safetensors file, whose ninth byte is a brace, has zeros before it. */
export async function isJson(source: Source): Promise<boolean> {
  const start = String.fromCharCode(...(await readRange(source, 0, Math.min(8, source.size))));
  return start.trimStart().startsWith('{') && !start.includes('\0');
}

/** @throws WeightsError if the JSON is no index, or names files that do not lie beside it. */
export async function readShardIndex(source: Source): Promise<ShardIndex> {
  const budget = new Budget(source.size);
  const json = new TextDecoder().decode(await readRange(source, 0, source.size));
  const index = parseFileJson(json, budget, who);
  const map: unknown = isRecord(index) && Object.hasOwn(index, 'weight_map') ? index.weight_map : undefined;
  if (!isRecord(map)) throw new WeightsError('expected a checkpoint, found JSON that is no index of one: it has no weight_map');
  const places = new Map<string, string>();
  for (const [name, file] of Object.entries(map)) {
    if (typeof file !== 'string' || !isBeside(file))
      throw damaged(`tensor ${name.slice(0, 80)}: expected the name of a file beside the index, found ${show(file)}`, name);
    budget.spend(heap.entry, who);
    places.set(name, file);
  }
  if (places.size === 0) throw damaged('expected tensors in weight_map, found none');
  return { files: [...new Set(places.values())], places };
}

/** A plain name, in no other folder: an index is no leave to read elsewhere. */
const isBeside = (file: string): boolean => file !== '' && file !== '.' && file !== '..' && !/[/\\:\0]/.test(file);

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** What an index says, in a message. */
export const show = (file: unknown): string => (typeof file === 'string' ? JSON.stringify(file.slice(0, 80)) : typeof file);

const who = 'index of shards';
export const damaged = (message: string, tensor?: string): WeightsError =>
  new WeightsError(`${who}: ${message}`, tensor === undefined ? {} : { tensor });

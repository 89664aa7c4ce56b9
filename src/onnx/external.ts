import { SenetError, showShape, underName, WeightsError } from '../errors.js';
import { Budget, heap } from '../io/budget.js';
import type { Field } from '../io/protobuf.js';
import { type BlobLike, readRange, type Source, sourceOf } from '../io/source.js';
import { type ExternalPlace, type ExternalReader, type Needed, type OnnxReading, who } from './reading.js';

/** A file of bytes, or what reads it. */
export type OnnxBytes = Uint8Array | ArrayBuffer | BlobLike | Source;

/**
 * Opens a file that lies in the model's folder, or in a folder in it, by its path from there, with slashes: `model.onnx.data`. Undefined where there is
 * none.
 */
export type OpenExternal = (path: string) => OnnxBytes | undefined | Promise<OnnxBytes | undefined>;

const shown = (text: string): string => JSON.stringify(text.slice(0, 80));

/** Of one tensor, whose place is a list of keys and values. @throws WeightsError for a path that leaves the folder, and numbers that are none */
export async function readExternal(
  { reader, budget, externalFiles }: OnnxReading,
  entries: readonly Field[],
  tensor: string,
): Promise<ExternalPlace> {
  const keys = new Map<string, string>();
  for (const { begin, end } of entries) {
    let [key, value] = ['', ''];
    for await (const field of reader.fields(begin, end)) {
      if (field.number === 1 && field.wire === 'bytes') key = await reader.text(field);
      else if (field.number === 2 && field.wire === 'bytes') value = await reader.text(field);
    }
    budget.spend(heap.entry + heap.text(end - begin), who);
    keys.set(key, value);
  }
  const location = keys.get('location') ?? '';
  const path = pathOf(location);
  if (path === undefined)
    throw wrong(tensor, `a file in the model's folder, found ${location === '' ? 'none that is named' : shown(location)}`);
  const number = (key: string): number | undefined => {
    const text = keys.get(key);
    if (text === undefined) return undefined;
    const value = /^\d+$/.test(text) ? Number(text) : Number.NaN;
    if (!Number.isSafeInteger(value)) throw wrong(tensor, `a number of bytes as ${key} in ${shown(path)}, found ${shown(text)}`);
    return value;
  };
  externalFiles.add(location);
  return { tensor, path, offset: number('offset') ?? 0, length: number('length') };
}

const wrong = (tensor: string, expected: string): WeightsError =>
  new WeightsError(`${who}: tensor ${tensor.slice(0, 80) || 'without a name'}: expected ${expected}`, { tensor });

/** A relative path without its detours; undefined for one that leaves the folder, or names no file on each system. */
function pathOf(location: string): string | undefined {
  if (/[\\:\0]/.test(location) || location.startsWith('/') || location.endsWith('/')) return undefined;
  const parts = location.split('/').filter((part) => part !== '' && part !== '.');
  return parts.length === 0 || parts.includes('..') ? undefined : parts.join('/');
}

/** The files that a model's tensors lie in, each opened once. */
export class ExternalFiles implements ExternalReader {
  readonly #open: OpenExternal | undefined;
  readonly #opened = new Map<string, { readonly source: Source; readonly budget: Budget }>();

  constructor(open: OpenExternal | undefined) {
    this.#open = open;
  }

  /** @throws WeightsError naming tensor and file if that is not given, does not hold the bytes, or they are not as many as the tensor takes */
  async read({ tensor, path, offset, length }: ExternalPlace, needed: Needed | undefined): Promise<Uint8Array> {
    const { source, budget } = await this.#file(tensor, path);
    const found = length ?? needed?.bytes ?? Math.max(source.size - offset, 0);
    if (needed !== undefined && found !== needed.bytes)
      throw wrong(tensor, `${needed.bytes} bytes of ${needed.dtype} ${showShape(needed.shape)} in ${shown(path)}, found ${found}`);
    if (!(offset + found <= source.size))
      throw wrong(tensor, `bytes ${offset} to ${offset + found} in ${shown(path)}, found a file of ${source.size}`);
    try {
      budget.spend(found, who); // tensors may share bytes, but not each of many all of a file
      return await readRange(source, offset, found);
    } catch (error) {
      throw underName(`${who}: tensor ${tensor.slice(0, 80)}, in ${shown(path)}`, error);
    }
  }

  async #given(tensor: string, path: string): Promise<OnnxBytes | undefined> {
    try {
      return await this.#open?.(path);
    } catch (error) {
      throw error instanceof SenetError ? wrong(tensor, `its values in ${shown(path)}, found ${error.message}`) : error;
    }
  }

  async #file(tensor: string, path: string): Promise<{ readonly source: Source; readonly budget: Budget }> {
    const known = this.#opened.get(path);
    if (known !== undefined) return known;
    const given = await this.#given(tensor, path);
    if (given === undefined)
      throw wrong(
        tensor,
        `its values in ${shown(path)}, found ${this.#open === undefined ? 'no such file given: { external } opens it' : 'no such file'}`,
      );
    const source = sourceOf(given);
    const file = { source, budget: new Budget(source.size) };
    this.#opened.set(path, file);
    return file;
  }
}

import { WeightsError } from '../errors.js';
import type { Shape } from '../tensor.js';
import { type Dtype, dtypes } from './dtype.js';
import { extentOf, isCount } from './tensorFile.js';

/**
 * The header of a safetensors file (checkpoints.md, §3): a 64-bit little-endian length n, then n bytes of JSON
 * `{ name: { dtype, shape, data_offsets: [begin, end] } }`; after it the values, little-endian and row-major, without gaps or overlap.
 */

/** The dtypes that are read; I64 is listed, but has no values as floats. */
const accepted: ReadonlyMap<unknown, Dtype> = new Map(
  (['F32', 'F64', 'F16', 'BF16', 'I64'] as const).map((name): [unknown, Dtype] => [name, dtypes[name]]),
);

/** The format's own limit. */
const maxHeaderBytes = 100_000_000;

/** Where a tensor lies: bytes [begin, end) of the data. */
export interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

export interface Header {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their data. */
  readonly entries: readonly Entry[];
}

/** The length of the JSON that follows the first 8 bytes. @throws WeightsError if the file, of `size` bytes, cannot hold it. */
export function headerLength(start: Uint8Array, size: number): number {
  if (start.length < 8) throw damaged(`expected 8 bytes of header length, found a file of ${size}`);
  const claimed = new DataView(start.buffer, start.byteOffset, 8).getBigUint64(0, true);
  if (claimed > maxHeaderBytes) throw damaged(`expected a header of at most ${maxHeaderBytes} bytes, found ${claimed}`);
  if (claimed > size - 8) throw damaged(`expected a header of ${claimed} bytes, found a file with ${size - 8} left`);
  return Number(claimed);
}

/** The tensors of a header with `dataBytes` of data after it, all checked. @throws WeightsError */
export function parseHeader(bytes: Uint8Array, dataBytes: number): Header {
  const entries: Entry[] = [];
  let metadata: Readonly<Record<string, string>> = {};
  for (const [name, value] of Object.entries(parseJson(bytes)))
    if (name === '__metadata__') metadata = metadataOf(value);
    else entries.push(entryOf(name, value, dataBytes));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, dataBytes);
  return { metadata, entries };
}

function parseJson(bytes: Uint8Array): Readonly<Record<string, unknown>> {
  if (bytes[0] !== '{'.charCodeAt(0)) throw damaged('expected a header that starts with {');
  let json: string;
  let header: unknown;
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
    header = JSON.parse(json);
  } catch (error) {
    throw damaged(`expected a header of JSON in UTF-8, found ${error instanceof Error ? error.message : show(error)}`);
  }
  if (!isRecord(header)) throw damaged(`expected a header that is an object, found ${show(header)}`);
  checkKeys(json);
  return header;
}

/** Refuses a key given twice in the header or in one of its entries: JSON.parse would keep the last. `json` is known to be valid. */
function checkKeys(json: string): void {
  const keys = [new Set<unknown>(), new Set<unknown>()]; // of the object that is open at depth 0, and at depth 1
  let depth = 0;
  let quoted = false;
  let [start, end] = [0, 0]; // of the latest string
  for (let i = 0; i < json.length; i++) {
    const c = json[i];
    if (quoted) {
      if (c === '\\') i++;
      else if (c === '"') {
        quoted = false;
        end = i + 1;
      }
    } else if (c === '"') {
      quoted = true;
      start = i;
    } else if (c === '{' || c === '[') keys[depth++]?.clear();
    else if (c === '}' || c === ']') depth--;
    else if (c === ':' && depth <= keys.length) {
      const key: unknown = JSON.parse(json.slice(start, end));
      if (keys[depth - 1]?.has(key)) throw damaged(`expected each key once, found ${show(key)} twice`);
      keys[depth - 1]?.add(key);
    }
  }
}

function metadataOf(value: unknown): Readonly<Record<string, string>> {
  if (!isRecord(value)) throw damaged(`expected __metadata__ to map strings to strings, found ${show(value)}`);
  for (const [key, entry] of Object.entries(value))
    if (typeof entry !== 'string') throw damaged(`expected __metadata__ to map strings to strings, found ${show(entry)} at ${key}`);
  return value as Readonly<Record<string, string>>;
}

/** One tensor's entry, checked by itself: its fields, its extents, and its range against them and against the file. */
function entryOf(name: string, value: unknown, dataBytes: number): Entry {
  const mismatch = (expected: string, found: unknown): WeightsError =>
    damaged(`tensor ${name}: expected ${expected}, found ${show(found)}`, name);

  if (!isRecord(value)) throw mismatch('an object with dtype, shape and data_offsets', value);
  const { dtype: code, shape, data_offsets: offsets } = value;
  const dtype = accepted.get(code);
  if (!dtype) throw mismatch(`dtype ${[...accepted.keys()].join(', ')}`, code);
  if (!isCounts(shape)) throw mismatch('a shape of whole numbers from 0', shape);
  if (!isCounts(offsets)) throw mismatch('data_offsets of whole numbers from 0', offsets);
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length > 2 || begin > end || end > dataBytes)
    throw mismatch(`data_offsets [begin, end] within ${dataBytes} bytes of data`, offsets);

  const bytes = extentOf(shape, dtype)?.bytes;
  if (bytes === undefined) throw mismatch('a shape whose bytes can be counted', shape);
  if (bytes !== end - begin) throw mismatch(`${bytes} bytes for ${code} ${show(shape)}`, end - begin);
  return { name, dtype, shape, begin, end };
}

/** Entries, sorted by where they lie, must follow each other from the first byte to the last. */
function checkCoverage(entries: readonly Entry[], dataBytes: number): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered)
      throw damaged(`tensor ${name}: expected data from byte ${covered}, found ${begin < covered ? 'overlap' : 'a gap'} at ${begin}`, name);
    covered = end;
  }
  if (covered !== dataBytes) throw damaged(`expected ${covered} bytes of data, found ${dataBytes}`);
}

const damaged = (message: string, tensor?: string): WeightsError =>
  new WeightsError(`safetensors: ${message}`, tensor === undefined ? {} : { tensor });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isCount);

/** What a file said, briefly: it may be of any kind, size or depth. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, 8).map(showScalar).join(', ')}${value.length > 8 ? ', …' : ''}]`;
  return showScalar(value);
}

const showScalar = (value: unknown): string => (typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 80));

import { WeightsError } from '../errors.js';
import type { Shape } from '../tensor.js';
import { Budget, heap } from './budget.js';
import { type Dtype, dtypes } from './dtype.js';
import { parseFileJson } from './json.js';
import { extentOf, isCount } from './tensorFile.js';

/**
 * The header of a safetensors file (docs/spec/checkpoints.md §3): a 64-bit little-endian length n, then n bytes of JSON
 * `{ name: { dtype, shape, data_offsets: [begin, end] } }`; after it the values, little-endian and row-major, without gaps or overlap.
 */

/** Bits of an element of the dtypes that the format names and inference has no use for: such a tensor is listed, and only reading it is an error. */
const unread: Readonly<Record<string, number>> = {
  ...{ F4: 4, F6_E2M3: 6, F6_E3M2: 6, F8_E5M2: 8, F8_E4M3: 8, F8_E8M0: 8, F8_E5M2FNUZ: 8, F8_E4M3FNUZ: 8 },
  ...{ U16: 16, U32: 32, U64: 64, C64: 64 },
};

const dtypeName = /^[A-Z][A-Z0-9_]{0,30}$/;

/** By name; what is not among them is newer than this code, and how much an element of it takes is not known. */
const known: ReadonlyMap<string, Dtype> = new Map([
  ...Object.entries(dtypes),
  ...Object.entries(unread).map(([name, bits]): [string, Dtype] => [name, { name, bytes: bits / 8 }]),
]);

/** The format's own limit. */
const maxHeaderBytes = 100_000_000;

/** Where a tensor lies: bytes [begin, end) of the data. */
export interface SafetensorsEntry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

export interface SafetensorsHeader {
  readonly metadata: Readonly<Record<string, string>>;
  /** In the order of their data. */
  readonly entries: readonly SafetensorsEntry[];
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
export function parseHeader(bytes: Uint8Array, dataBytes: number): SafetensorsHeader {
  const budget = new Budget(8 + bytes.length + dataBytes);
  const entries: SafetensorsEntry[] = [];
  let metadata = metadataOf({});
  for (const [name, value] of Object.entries(headerOf(bytes, budget))) {
    budget.spend(heap.entry + heap.dict + heap.object, who);
    if (name === '__metadata__') metadata = metadataOf(value);
    else entries.push(entryOf(name, value, dataBytes));
  }
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, dataBytes);
  return { metadata, entries };
}

function headerOf(bytes: Uint8Array, budget: Budget): Readonly<Record<string, unknown>> {
  if (bytes[0] !== '{'.charCodeAt(0)) throw damaged('expected a header that starts with {');
  let json: string;
  try {
    json = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw damaged('expected a header of JSON in UTF-8, found other bytes');
  }
  const header = parseFileJson(json, budget, who);
  if (!isRecord(header)) throw damaged(`expected a header that is an object, found ${show(header)}`);
  return header;
}

/** Without a prototype, so that `metadata.constructor` is the file's or nothing. Writers in Rust may put null for none. */
function metadataOf(value: unknown): Readonly<Record<string, string>> {
  const metadata: Record<string, string> = Object.create(null);
  if (value === null) return metadata;
  if (!isRecord(value)) throw damaged(`expected __metadata__ to map strings to strings, found ${show(value)}`);
  for (const [key, entry] of Object.entries(value)) {
    if (typeof entry !== 'string') throw damaged(`expected __metadata__ to map strings to strings, found ${show(entry)} at ${show(key)}`);
    metadata[key] = entry;
  }
  return metadata;
}

/** One tensor's entry, checked by itself: its fields, its extents, and its range against them and against the file. */
function entryOf(name: string, value: unknown, dataBytes: number): SafetensorsEntry {
  const mismatch = (expected: string, found: unknown): WeightsError =>
    damaged(`tensor ${show(name)}: expected ${expected}, found ${show(found)}`, name);

  if (!isRecord(value)) throw mismatch('an object with dtype, shape and data_offsets', value);
  const { dtype: code, shape, data_offsets: offsets } = value;
  if (typeof code !== 'string' || !dtypeName.test(code)) throw mismatch('dtype such as F32, BOOL or F8_E4M3', code);
  if (!isCounts(shape)) throw mismatch('a shape of whole numbers from 0', shape);
  if (!isCounts(offsets)) throw mismatch('data_offsets of whole numbers from 0', offsets);
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length > 2 || begin > end || end > dataBytes)
    throw mismatch(`data_offsets [begin, end] within ${dataBytes} bytes of data`, offsets);

  const elements = extentOf(shape, { bytes: 1 })?.elements;
  if (elements === undefined) throw mismatch('a shape whose bytes can be counted', shape);
  const dtype = known.get(code) ?? dtypeOf(code, elements, end - begin);
  if (!dtype) throw mismatch(`bytes for ${code} ${show(shape)} that are shared evenly`, end - begin);
  const bytes = extentOf(shape, dtype)?.bytes;
  if (bytes === undefined) throw mismatch('a shape whose bytes can be counted', shape);
  if (bytes !== end - begin) throw mismatch(`${bytes} bytes for ${code} ${show(shape)}`, end - begin);
  return { name, dtype, shape, begin, end };
}

/** A dtype that the format did not have yet: an element takes as many whole bits as the tensor's range has for it. */
function dtypeOf(name: string, elements: number, bytes: number): Dtype | undefined {
  if (elements === 0) return bytes === 0 ? { name, bytes: 1 } : undefined;
  const bits = (8 * bytes) / elements;
  return bits >= 1 && Number.isInteger(bits) ? { name, bytes: bits / 8 } : undefined;
}

/** Entries, sorted by where they lie, must follow each other from the first byte to the last. */
function checkCoverage(entries: readonly SafetensorsEntry[], dataBytes: number): void {
  let covered = 0;
  for (const { name, begin, end } of entries) {
    if (begin !== covered)
      throw damaged(
        `tensor ${show(name)}: expected data from byte ${covered}, found ${begin < covered ? 'overlap' : 'a gap'} at ${begin}`,
        name,
      );
    covered = end;
  }
  if (covered !== dataBytes) throw damaged(`expected ${covered} bytes of data, found ${dataBytes}`);
}

const who = 'safetensors';
const damaged = (message: string, tensor?: string): WeightsError =>
  new WeightsError(`${who}: ${message}`, tensor === undefined ? {} : { tensor });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is readonly number[] => Array.isArray(value) && value.every(isCount);

/** What a file said, briefly: it may be of any kind, size or depth. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, 8).map(showScalar).join(', ')}${value.length > 8 ? ', …' : ''}]`;
  return showScalar(value);
}

const showScalar = (value: unknown): string => (typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 80));

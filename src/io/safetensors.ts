import { WeightsError } from '../errors.js';
import { type Shape, sizeOf, type Tensor } from '../tensor.js';
import { floatsFromBfloats, floatsFromHalves, halvesFromFloats } from './half.js';

/**
 * The safetensors format (checkpoints.md, §3): a 64-bit little-endian length n, n bytes of JSON
 * `{ name: { dtype, shape, data_offsets: [begin, end] } }`, then the values, little-endian and row-major,
 * without gaps or overlap. Like typed arrays, this code counts on a little-endian machine.
 */

interface Dtype {
  /** Bytes an element. */
  readonly bytes: number;
  /** `length` elements from byte `at`, a multiple of `bytes`, as float32; absent for what is skipped. */
  readonly read?: (buffer: ArrayBufferLike, at: number, length: number) => Float32Array;
}

const dtypes: ReadonlyMap<unknown, Dtype> = new Map<unknown, Dtype>([
  ['F32', { bytes: 4, read: (buffer, at, length) => new Float32Array(buffer, at, length) }],
  ['F64', { bytes: 8, read: (buffer, at, length) => new Float32Array(new Float64Array(buffer, at, length)) }],
  ['F16', { bytes: 2, read: (buffer, at, length) => floatsFromHalves(new Uint16Array(buffer, at, length)) }],
  ['BF16', { bytes: 2, read: (buffer, at, length) => floatsFromBfloats(new Uint16Array(buffer, at, length)) }],
  ['I64', { bytes: 8 }], // PyTorch's num_batches_tracked, which inference never uses
]);

/** The format's own limit. */
const maxHeaderBytes = 100_000_000;

/** Where a tensor lies: bytes [begin, end) of the data. */
interface Entry {
  readonly name: string;
  readonly dtype: Dtype;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/**
 * The tensors of a file, in the order of their data. F16, BF16 and F64 become float32 (F64 is rounded), I64 is left out.
 *
 * An F32 tensor whose data are aligned to 4 bytes, as writers see to, is a **view** of `bytes`, not a copy: it costs no
 * memory, keeps `bytes` alive, and changes when they change.
 *
 * @throws WeightsError for a damaged file and for other dtypes. Nothing is allocated by a size that the file merely claims.
 */
export function loadSafetensors(bytes: Uint8Array | ArrayBuffer): ReadonlyMap<string, Tensor> {
  // Always a plain Uint8Array: the slice of a Node Buffer would be no copy.
  const file = ArrayBuffer.isView(bytes) ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength) : new Uint8Array(bytes);
  const { header, data } = split(file);
  const entries: Entry[] = [];
  for (const [name, value] of Object.entries(header))
    if (name === '__metadata__') checkMetadata(value);
    else entries.push(entryOf(name, value, data.length));
  entries.sort((a, b) => a.begin - b.begin || a.end - b.end);
  checkCoverage(entries, data.length);

  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of entries) {
    const values = valuesOf(dtype, data.subarray(begin, end));
    if (values) tensors.set(name, { shape, data: values });
  }
  return tensors;
}

function split(file: Uint8Array): { readonly header: Readonly<Record<string, unknown>>; readonly data: Uint8Array } {
  if (file.length < 8) throw damaged(`expected 8 bytes of header length, found a file of ${file.length}`);
  const claimed = new DataView(file.buffer, file.byteOffset, 8).getBigUint64(0, true);
  if (claimed > maxHeaderBytes) throw damaged(`expected a header of at most ${maxHeaderBytes} bytes, found ${claimed}`);
  if (claimed > file.length - 8) throw damaged(`expected a header of ${claimed} bytes, found a file with ${file.length - 8} left`);
  const end = 8 + Number(claimed);
  return { header: parseHeader(file.subarray(8, end)), data: file.subarray(end) };
}

function parseHeader(bytes: Uint8Array): Readonly<Record<string, unknown>> {
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

function checkMetadata(value: unknown): void {
  if (!isRecord(value)) throw damaged(`expected __metadata__ to map strings to strings, found ${show(value)}`);
  for (const [key, entry] of Object.entries(value))
    if (typeof entry !== 'string') throw damaged(`expected __metadata__ to map strings to strings, found ${show(entry)} at ${key}`);
}

/** One tensor's entry, checked by itself: its fields, its extents, and its range against them and against the file. */
function entryOf(name: string, value: unknown, dataBytes: number): Entry {
  const mismatch = (expected: string, found: unknown): WeightsError =>
    damaged(`tensor ${name}: expected ${expected}, found ${show(found)}`, name);

  if (!isRecord(value)) throw mismatch('an object with dtype, shape and data_offsets', value);
  const { dtype: code, shape, data_offsets: offsets } = value;
  const dtype = dtypes.get(code);
  if (!dtype) throw mismatch(`dtype ${[...dtypes.keys()].join(', ')}`, code);
  if (!isCounts(shape)) throw mismatch('a shape of whole numbers from 0', shape);
  if (!isCounts(offsets)) throw mismatch('data_offsets of whole numbers from 0', offsets);
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length > 2 || begin > end || end > dataBytes)
    throw mismatch(`data_offsets [begin, end] within ${dataBytes} bytes of data`, offsets);

  let bytes = dtype.bytes;
  for (const extent of shape) {
    bytes *= extent;
    if (!Number.isSafeInteger(bytes)) throw mismatch('a shape whose bytes can be counted', shape);
  }
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

function valuesOf({ bytes, read }: Dtype, raw: Uint8Array): Float32Array | undefined {
  // A typed array must start at a multiple of its elements' size; a slice is a copy that starts at 0.
  const { buffer, byteOffset } = raw.byteOffset % bytes === 0 ? raw : raw.slice();
  return read?.(buffer, byteOffset, raw.length / bytes);
}

export interface SaveOptions {
  /** Free text about the file, `{ format: 'pt' }` for one. @defaultValue none */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How the values are stored, each rounded once to nearest, ties to even. @defaultValue `F32` */
  readonly dtype?: 'F32' | 'F16';
}

/**
 * A file of the tensors, in the map's order, its data aligned to 8 bytes.
 *
 * @throws WeightsError for a tensor called `__metadata__`, which the format reserves, or whose shape and number of values disagree.
 */
export function saveSafetensors(
  tensors: ReadonlyMap<string, Tensor>,
  { metadata, dtype = 'F32' }: SaveOptions = {},
): Uint8Array<ArrayBuffer> {
  // Joined by hand: an object would put names like "0" first, and lose one called "__proto__".
  const fields = metadata ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  const parts: (Float32Array | Uint16Array)[] = [];
  let bytes = 0;
  for (const [name, { shape, data }] of tensors) {
    if (name === '__metadata__') throw new WeightsError('no tensor may be called __metadata__', { tensor: name });
    if (sizeOf(shape) !== data.length)
      throw new WeightsError(`tensor ${name} has ${data.length} values`, { tensor: name, shapes: { shape } });
    const part = dtype === 'F16' ? halvesFromFloats(data) : data instanceof Float32Array ? data : new Float32Array(data);
    const entry = { dtype, shape, data_offsets: [bytes, bytes + part.byteLength] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    parts.push(part);
    bytes += part.byteLength;
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const start = 8 + Math.ceil(json.length / 8) * 8;

  const file = new Uint8Array(start + bytes).fill(' '.charCodeAt(0), 8 + json.length, start);
  new DataView(file.buffer).setBigUint64(0, BigInt(start - 8), true);
  file.set(json, 8);
  let at = start;
  for (const part of parts) {
    file.set(new Uint8Array(part.buffer, part.byteOffset, part.byteLength), at);
    at += part.byteLength;
  }
  return file;
}

const damaged = (message: string, tensor?: string): WeightsError =>
  new WeightsError(`safetensors: ${message}`, tensor === undefined ? {} : { tensor });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isCounts = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.every((extent) => Number.isSafeInteger(extent) && extent >= 0);

/** What a file said, briefly: it may be of any kind, size or depth. */
function show(value: unknown): string {
  if (Array.isArray(value)) return `[${value.slice(0, 8).map(showScalar).join(', ')}${value.length > 8 ? ', …' : ''}]`;
  return showScalar(value);
}

const showScalar = (value: unknown): string => (typeof value === 'object' && value !== null ? 'an object' : String(value).slice(0, 80));

import { InputError, WeightsError } from '../errors.js';
import { checkKnown, type Keys } from '../graph/known.js';
import { insteadOf } from '../meant.js';
import { flawOf, kindOf, type Shape, shown, sizeOf, type Tensor } from '../tensor.js';
import { concat } from './concat.js';
import { type DtypeName, dtypes, floatsOf } from './dtype.js';
import { bfloatsFromFloats, halvesFromFloats } from './half.js';
import { headerLength, parseHeader } from './safetensorsHeader.js';
import { bytesOf, readRange, type Source } from './source.js';
import { stored, type TensorFile } from './tensorFile.js';

/**
 * The tensors of a safetensors file, in the order of their data. F16, BF16 and F64 become float32 (F64 is rounded); those of any other dtype,
 * I64 and BOOL among them, are left out.
 *
 * An F32 tensor whose data are aligned to 4 bytes, as writers see to, is a **view** of `bytes`, not a copy: it costs no
 * memory, keeps `bytes` alive, and changes when they change.
 *
 * @throws WeightsError for a damaged file; InputError for what is no bytes. Nothing is allocated by a size that the file merely claims.
 */
export function loadSafetensors(bytes: Uint8Array | ArrayBuffer): ReadonlyMap<string, Tensor> {
  const file = bytesOf(bytes);
  const start = 8 + headerLength(file.subarray(0, 8), file.length);
  const data = file.subarray(start);
  const tensors = new Map<string, Tensor>();
  for (const { name, dtype, shape, begin, end } of parseHeader(file.subarray(8, start), data.length).entries) {
    const values = floatsOf(dtype, data.subarray(begin, end));
    if (values) tensors.set(name, { shape, data: values });
  }
  return tensors;
}

/** A safetensors file by ranges; its tensors as loadSafetensors has them, and listed if they are of other dtypes. @throws WeightsError for a damaged file. */
export async function openSafetensors(source: Source): Promise<TensorFile> {
  const first = await readRange(source, 0, Math.min(8, source.size));
  const start = 8 + headerLength(first, source.size);
  const { metadata, entries } = parseHeader(await readRange(source, 8, start - 8), source.size - start);
  const tensors = entries.map(
    ({ name, dtype, shape, begin, end }) =>
      [name, stored(name, dtype, shape, (into) => readRange(source, start + begin, end - begin, into))] as const,
  );
  return { format: 'safetensors', metadata, tensors: new Map(tensors) };
}

export interface SaveOptions {
  /** Free text about the file, `{ format: 'pt' }` for one. @defaultValue none */
  readonly metadata?: Readonly<Record<string, string>>;
  /** How the values are stored, each rounded once to nearest, ties to even. @defaultValue `F32` */
  readonly dtype?: SavedDtype;
}

/** How `saveSafetensors` can store values. */
export type SavedDtype = Extract<DtypeName, 'F32' | 'F16' | 'BF16'>;

/**
 * A file of the tensors, in the map's order, its data aligned to 8 bytes.
 *
 * @throws WeightsError for a tensor called `__metadata__`, which the format reserves, of other values than floats, or whose shape and number of
 * values disagree.
 */
export function saveSafetensors(tensors: ReadonlyMap<string, Tensor>, options: SaveOptions = {}): Uint8Array<ArrayBuffer> {
  if (typeof tensors?.get !== 'function') throw new WeightsError(`tensors are a Map by name, not ${insteadOf('tensors', tensors)}`);
  for (const [name, given] of tensors) {
    const flaw = flawOf(given);
    if (flaw !== undefined) throw new WeightsError(`tensor ${name} ${flaw}`, { tensor: name });
  }
  checkKnown('saveSafetensors', options, { metadata: true, dtype: true } satisfies Keys<SaveOptions>);
  const { metadata = {}, dtype = 'F32' } = options;
  if (!Object.hasOwn(encoders, dtype)) throw new InputError(`dtype is one of ${Object.keys(encoders).join(', ')}, not ${shown(dtype)}`);
  const strange =
    kindOf(metadata) === 'Object' ? Object.entries(metadata).find(([, value]) => typeof value !== 'string') : ['metadata', metadata];
  if (strange !== undefined) throw new InputError(`metadata are texts by key, not ${shown(strange[1])} at ${strange[0]}`);
  const header = safetensorsHeader(new Map([...tensors].map(([name, { shape }]) => [name, shape])), options);
  const parts = [header, ...[...tensors.values()].map(({ data }) => encodeFloats(data, options.dtype))];
  return concat(parts);
}

/** What a file of tensors of these shapes begins with; their values follow in the same order, each as `encodeFloats` gives them. */
export const safetensorsHeader = (shapes: ReadonlyMap<string, Shape>, { metadata, dtype = 'F32' }: SaveOptions): Uint8Array =>
  headerOf(new Map([...shapes].map(([name, shape]) => [name, { shape, dtype }])), metadata);

/** The same of tensors of several dtypes. Larger elements come first, so that none is at an odd address. */
export function headerOf(
  tensors: ReadonlyMap<string, { readonly shape: Shape; readonly dtype: DtypeName }>,
  metadata: SaveOptions['metadata'],
): Uint8Array {
  // Joined by hand: an object would put names like "0" first, and lose one called "__proto__".
  const fields = metadata ? [`"__metadata__":${JSON.stringify(metadata)}`] : [];
  let bytes = 0;
  for (const [name, { shape, dtype }] of tensors) {
    if (name === '__metadata__') throw new WeightsError('no tensor may be called __metadata__', { tensor: name });
    const entry = { dtype, shape, data_offsets: [bytes, bytes + sizeOf(shape) * dtypes[dtype].bytes] };
    fields.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    bytes = entry.data_offsets[1] as number;
  }
  const json = new TextEncoder().encode(`{${fields.join(',')}}`);
  const header = new Uint8Array(8 + Math.ceil(json.length / 8) * 8).fill(' '.charCodeAt(0), 8);
  new DataView(header.buffer).setBigUint64(0, BigInt(header.length - 8), true);
  header.set(json, 8);
  return header;
}

/** The values as bytes of a file. F32 from float32 is a view, not a copy. */
export function encodeFloats(data: Tensor['data'], dtype: SavedDtype = 'F32'): Uint8Array {
  const { buffer, byteOffset, byteLength } = encoders[dtype](data);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

const encoders: Readonly<Record<SavedDtype, (data: Tensor['data']) => ArrayBufferView>> = {
  F32: (data) => (data instanceof Float32Array ? data : new Float32Array(data)),
  F16: halvesFromFloats,
  BF16: bfloatsFromFloats,
};

import type { Tensor } from '../tensor.js';
import { floatsFromBfloats, floatsFromHalves } from './half.js';

/** How checkpoints store values, by safetensors' names. Like typed arrays, this code counts on a little-endian machine. */
export type DtypeName = 'F64' | 'F32' | 'F16' | 'BF16' | 'I64' | 'I32' | 'I16' | 'I8' | 'U8' | 'BOOL';

export interface Dtype {
  /** One of `DtypeName`, or another of the file's, whose values are not read. */
  readonly name: string;
  /** Bytes an element; of the smallest a half or three quarters. */
  readonly bytes: number;
  /** `length` elements from byte `at`, a multiple of `bytes`, as float32; absent for what inference has no use for. */
  readonly read?: (buffer: ArrayBufferLike, at: number, length: number) => Float32Array;
  /** The same of whole numbers that quantised networks are made of, as floats that hold them exactly. */
  readonly whole?: (buffer: ArrayBufferLike, at: number, length: number) => Float32Array | Float64Array;
}

const whole = (name: DtypeName, bytes: number): Dtype => ({ name, bytes });

export const dtypes: Readonly<Record<DtypeName, Dtype>> = {
  F32: { name: 'F32', bytes: 4, read: (buffer, at, length) => new Float32Array(buffer, at, length) },
  F64: { name: 'F64', bytes: 8, read: (buffer, at, length) => new Float32Array(new Float64Array(buffer, at, length)) },
  F16: { name: 'F16', bytes: 2, read: (buffer, at, length) => floatsFromHalves(new Uint16Array(buffer, at, length)) },
  BF16: { name: 'BF16', bytes: 2, read: (buffer, at, length) => floatsFromBfloats(new Uint16Array(buffer, at, length)) },
  I64: whole('I64', 8), // PyTorch's num_batches_tracked, which inference never uses
  I32: { ...whole('I32', 4), whole: (buffer, at, length) => new Float64Array(new Int32Array(buffer, at, length)) },
  I16: whole('I16', 2),
  I8: { ...whole('I8', 1), whole: (buffer, at, length) => new Float32Array(new Int8Array(buffer, at, length)) },
  U8: whole('U8', 1),
  BOOL: whole('BOOL', 1),
};

/**
 * The elements as float32: F16, BF16 and F32 are exact, F64 is rounded. F32 whose bytes are aligned to 4 is a view of them.
 *
 * @returns undefined for whole numbers.
 */
export const floatsOf = ({ bytes, read }: Dtype, raw: Uint8Array): Float32Array | undefined => read && typed(bytes, raw, read);

/** Whole numbers as floats that hold them. @returns undefined for those that no network is made of */
export const wholesOf = ({ bytes, whole: read }: Dtype, raw: Uint8Array): Tensor['data'] | undefined => read && typed(bytes, raw, read);

function typed<T>(bytes: number, raw: Uint8Array, read: (buffer: ArrayBufferLike, at: number, length: number) => T): T {
  // a typed array must start at a multiple of its elements' size; a slice is a copy that starts at 0
  const { buffer, byteOffset } = raw.byteOffset % bytes === 0 ? raw : raw.slice();
  return read(buffer, byteOffset, raw.length / bytes);
}

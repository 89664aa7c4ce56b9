import { type Dtype, dtypes } from './dtype.js';

/** NumPy's letters for kinds of numbers, with the bytes of each: what they are here. */
export const numpyDtypes: ReadonlyMap<string, Dtype> = new Map([
  ['f4', dtypes.F32],
  ['f8', dtypes.F64],
  ['f2', dtypes.F16],
  ['i8', dtypes.I64],
  ['i4', dtypes.I32],
  ['i2', dtypes.I16],
  ['i1', dtypes.I8],
  ['u1', dtypes.U8],
  ['b1', dtypes.BOOL],
]);

/** The same elements in the other order of bytes. */
export function reversed(values: Uint8Array, bytes: number): Uint8Array {
  const result = new Uint8Array(values.length);
  for (let at = 0; at < values.length; at += bytes) for (let i = 0; i < bytes; i++) result[at + i] = values[at + bytes - 1 - i] as number;
  return result;
}

import { concatBytes, text, u8, u16, u32 } from './bytes.js';

export interface NpyOptions {
  /** @defaultValue `<f4` */
  readonly descr?: string;
  /** @defaultValue false */
  readonly fortran?: boolean;
  /** @defaultValue 1 */
  readonly version?: number;
  /** Stands in place of the header. */
  readonly header?: string;
}

/** An array as NumPy saves it (numpy.lib.format). */
export function npy(
  shape: readonly number[],
  bytes: Uint8Array,
  { descr = '<f4', fortran = false, version = 1, header }: NpyOptions = {},
): Uint8Array {
  const extents = shape.length === 1 ? `${shape[0]},` : shape.join(', ');
  const said = text(header ?? `{'descr': '${descr}', 'fortran_order': ${fortran ? 'True' : 'False'}, 'shape': (${extents}), }\n`);
  return concatBytes([u8(0x93), text('NUMPY'), u8(version), u8(0), version === 1 ? u16(said.length) : u32(said.length), said, bytes]);
}

/** Little-endian numbers and text, as bytes. */

export const concatBytes = (parts: Iterable<Uint8Array>): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat([...parts]));

const filled = (length: number, write: (view: DataView) => void): Uint8Array => {
  const bytes = new Uint8Array(length);
  write(new DataView(bytes.buffer));
  return bytes;
};

export const u8 = (value: number): Uint8Array => Uint8Array.of(value);
export const u16 = (value: number): Uint8Array => filled(2, (view) => view.setUint16(0, value, true));
export const u32 = (value: number): Uint8Array => filled(4, (view) => view.setUint32(0, value, true));
export const i32 = (value: number): Uint8Array => filled(4, (view) => view.setInt32(0, value, true));
export const u64 = (value: number | bigint): Uint8Array => filled(8, (view) => view.setBigUint64(0, BigInt(value), true));
/** Big-endian, as pickle has it. */
export const f64 = (value: number): Uint8Array => filled(8, (view) => view.setFloat64(0, value, false));
export const text = (value: string): Uint8Array => new TextEncoder().encode(value);

export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);

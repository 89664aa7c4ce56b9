import { concat } from '../../io/concat.js';

/** Protobuf's wire format (protobuf.dev, "Encoding"), as far as writing it. */

/** Bytes of a file, in memory or made when they are written: a length stands before what it counts, so that it must be known first. */
export type Part = Uint8Array | LaterPart;

export interface LaterPart {
  readonly length: number;
  read(): Promise<Uint8Array> | Uint8Array;
}

const wires = { varint: 0, bytes: 2, fixed32: 5 } as const;

/** Seven bits a byte, the lowest first; a negative int64 takes ten bytes. */
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

const tag = (field: number, wire: keyof typeof wires): Uint8Array => varint(field * 8 + wires[wire]);

export const int = (field: number, value: number): Uint8Array => concat([tag(field, 'varint'), varint(value)]);

export function float(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return concat([tag(field, 'fixed32'), bytes]);
}

/** A field with a length: bytes, or a message of these fields. */
export function message(field: number, parts: readonly Part[]): readonly Part[] {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return [concat([tag(field, 'bytes'), varint(length)]), ...parts];
}

export const text = (field: number, value: string): Uint8Array => {
  const bytes = new TextEncoder().encode(value);
  return concat([tag(field, 'bytes'), varint(bytes.length), bytes]);
};

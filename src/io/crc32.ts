/**
 * The CRC-32 of ZIP (ISO 3309), sixteen bytes a step: `slices[k]` holds what each byte does to the sum from k bytes further back (Kounavis &
 * Berry 2008, "slicing-by-N"). Where the runtime has zlib's own, that is used: it is several times as fast.
 */
export function crc32(bytes: Uint8Array): number {
  return native ? native(bytes) : slicedCrc32(bytes);
}

/** Node from 20.16, Deno and Bun hand out their own modules without an import, which a page could not resolve. */
const { process } = globalThis as {
  process?: { getBuiltinModule?: (name: string) => { crc32?: (bytes: Uint8Array) => number } | undefined };
};
const native = process?.getBuiltinModule?.('node:zlib')?.crc32;

const polynomial = 0xedb88320;

const slices = makeSlices();

function makeSlices(): Uint32Array {
  const table = new Uint32Array(16 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let sum = byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ polynomial : sum >>> 1;
    table[byte] = sum;
  }
  for (let i = 256; i < table.length; i++) {
    const before = table[i - 256] as number;
    table[i] = (before >>> 8) ^ (table[before & 255] as number);
  }
  return table;
}

/** In JavaScript alone. */
export function slicedCrc32(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (sum: number, slice: number): number =>
    (slices[256 * slice + 768 + (sum & 255)] as number) ^
    (slices[256 * slice + 512 + ((sum >>> 8) & 255)] as number) ^
    (slices[256 * slice + 256 + ((sum >>> 16) & 255)] as number) ^
    (slices[256 * slice + (sum >>> 24)] as number);
  let sum = -1;
  let at = 0;
  for (; at + 16 <= bytes.length; at += 16)
    sum =
      word(view.getUint32(at, true) ^ sum, 12) ^
      word(view.getUint32(at + 4, true), 8) ^
      word(view.getUint32(at + 8, true), 4) ^
      word(view.getUint32(at + 12, true), 0);
  for (; at < bytes.length; at++) sum = (sum >>> 8) ^ (slices[(sum ^ (bytes[at] as number)) & 255] as number);
  return ~sum >>> 0;
}

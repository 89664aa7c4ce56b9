/**
 * The CRC-32 of ZIP (ISO 3309). In WebAssembly it runs at the speed of memory: half the time of Node's own, a quarter of JavaScript alone.
 *
 * The remainder by the polynomial P does not change when a multiple of P is added to the message. With y = x¹²⁸, y³⁰⁰ + y¹⁵⁵ + y¹¹⁷ + y⁸⁹ + 1 is one
 * (the shortest of five terms, found by search), so a block of 16 bytes may be taken out and added to the ones 145, 183, 211 and 300 further on:
 * four loads and exclusive ors a block, and no table (Russell 2024, arXiv:2412.16398). The last 300 blocks are left to a table.
 */
export function crc32(bytes: Uint8Array): number {
  if (bytes.length < worthwhile) return slicedCrc32(bytes);
  folding ??= makeFolding();
  return folding ? foldedCrc32(bytes, folding) : slicedCrc32(bytes);
}

const blockBytes = 16;
const steps = [145, 183, 211, 300] as const;
const reach = steps[3] * blockBytes;
const chunk = 2 ** 16;
const worthwhile = 4 * reach;

interface Folding {
  /** `reach` bytes of blocks taken out before, then those of a chunk. */
  readonly memory: WebAssembly.Memory;
  /** Blocks from `reach` on, as many as lie in [at, end), become what is taken out of each: itself and what came to it. */
  readonly fold: (at: number, end: number) => void;
}

/** Made when it is first needed: a page may forbid WebAssembly. */
let folding: Folding | false | undefined;

/** @returns false where the engine has no SIMD, or a page's policy no WebAssembly. */
function makeFolding(): Folding | false {
  /** v128.load of (local 0) + offset, a number of two bytes in LEB128. */
  const load = (offset: number): number[] => [0x20, 0, 0xfd, 0, 4, (offset & 127) | 128, offset >> 7];
  const xor = [0xfd, 0x51];
  const body = [
    ...[0, 0x03, 0x40], //                                              no locals; loop
    ...[0x20, 0, ...load(reach)], //                                    where to store; the block
    ...steps.flatMap((step) => [...load(reach - step * blockBytes), ...xor]),
    ...[0xfd, 0x0b, 4, (reach & 127) | 128, reach >> 7], //             v128.store at + reach
    ...[0x20, 0, 0x41, blockBytes, 0x6a, 0x22, 0], //                   at += 16
    ...[0x20, 1, 0x49, 0x0d, 0, 0x0b, 0x0b], //                         if at < end, again; end, end
  ];
  const section = (id: number, ...content: number[]): number[] => [id, content.length, ...content];
  const wasm = Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 2, 0x7f, 0x7f, 0), //                        a function of two i32
    ...section(3, 1, 0),
    ...section(5, 1, 0, 2), //                                          two pages of memory
    ...section(7, 2, 1, 0x66, 0, 0, 1, 0x6d, 2, 0), //                  exported as f and m
    ...section(10, 1, body.length, ...body),
  );
  try {
    const { f, m } = new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports;
    return { memory: m as WebAssembly.Memory, fold: f as Folding['fold'] };
  } catch {
    return false;
  }
}

function foldedCrc32(bytes: Uint8Array, { memory, fold }: Folding): number {
  const end = Math.floor(bytes.length / blockBytes) * blockBytes - reach;
  const held = new Uint8Array(memory.buffer);
  held.fill(0, 0, reach);
  for (let at = 0; at < end; at += chunk) {
    const length = Math.min(chunk, end - at);
    held.set(bytes.subarray(at, at + length), reach);
    if (at === 0) for (let i = 0; i < 4; i++) held[reach + i] = ~(held[reach + i] as number); // the sum begins with ones
    fold(0, length);
    held.copyWithin(0, length, length + reach);
  }
  const rest = bytes.slice(end);
  for (const step of steps)
    for (let i = 0; i < step * blockBytes; i++) rest[i] = (rest[i] as number) ^ (held[reach - step * blockBytes + i] as number);
  return slicedCrc32(rest, 0);
}

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

/**
 * In JavaScript alone, sixteen bytes a step: `slices` has what each byte does to the sum from up to 15 bytes further back (Kounavis & Berry 2008,
 * "slicing-by-N"). `sum` is that of what came before.
 */
export function slicedCrc32(bytes: Uint8Array, sum = -1): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const word = (sum: number, slice: number): number =>
    (slices[256 * slice + 768 + (sum & 255)] as number) ^
    (slices[256 * slice + 512 + ((sum >>> 8) & 255)] as number) ^
    (slices[256 * slice + 256 + ((sum >>> 16) & 255)] as number) ^
    (slices[256 * slice + (sum >>> 24)] as number);
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

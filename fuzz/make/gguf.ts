import { concatBytes, text, u8, u32, u64 } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';

/** GGUF's heads of the right words in any order, and with numbers that lie. */

const lengthOf = (draw: Draw, right: number): number | bigint =>
  draw.once(30) ? draw.pick<number | bigint>([0, right + 1, 2 ** 16, 2 ** 31, 2 ** 40, 2 ** 53, 2n ** 63n, 2n ** 64n - 1n]) : right;

function string(draw: Draw, value: Uint8Array): Uint8Array {
  return concatBytes([u64(lengthOf(draw, value.length)), value]);
}

const names = ['a', 'b', 'fc.weight', 'features.0.0.weight', '__proto__', '', 'é'];
const keys = [...names, 'general.alignment', 'general.architecture', 'mobilenet.class_0', 'mobilenet.image_size'];
const bytesOf: Readonly<Record<number, number>> = { 0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 4, 7: 1, 10: 8, 11: 8, 12: 8 };

function value(draw: Draw, kind: number, depth: number): Uint8Array {
  if (kind === 8) return string(draw, draw.once(8) ? draw.bytes(draw.length(40)) : text(draw.pick(['', 'x', '32', 'food'])));
  if (kind !== 9) return draw.bytes(bytesOf[kind] ?? draw.whole(0, 8));
  const inner = kindOf(draw, depth);
  const elements = draw.several(4, () => value(draw, inner, depth + 1));
  return concatBytes([u32(inner), u64(lengthOf(draw, elements.length)), ...elements]);
}

/** Arrays within arrays end, so that a case does. */
function kindOf(draw: Draw, depth: number): number {
  const kind = draw.once(40) ? draw.pick([13, 99, 2 ** 32 - 1]) : draw.whole(0, 12);
  return kind === 9 && depth > 9 ? 0 : kind;
}

function entry(draw: Draw): Uint8Array {
  const key = draw.pick(keys);
  if (key === 'general.alignment' && !draw.once(3))
    return concatBytes([string(draw, text(key)), u32(4), u32(draw.pick([0, 1, 8, 32, 24, 2 ** 31]))]);
  const kind = kindOf(draw, 0);
  return concatBytes([string(draw, text(key)), u32(kind), value(draw, kind, 0)]);
}

const extents = [0, 1, 2, 3, 32, 256, 2 ** 16, 2 ** 32, 2 ** 53, 2n ** 63n, 2n ** 64n - 1n] as const;

function tensor(draw: Draw): Uint8Array {
  const shape = draw.several(draw.once(10) ? 6 : 3, () => (draw.once(8) ? draw.pick<number | bigint>(extents) : draw.whole(0, 3)));
  const type = draw.once(3) ? draw.whole(0, 42) : draw.pick([0, 1, 28, 30]);
  return concatBytes([
    string(draw, text(draw.pick(names) + draw.whole(0, 9))),
    ...[u32(shape.length), ...shape.map(u64), u32(type), u64(draw.once(6) ? draw.whole(0, 200) : 32 * draw.whole(0, 8))],
  ]);
}

export function gguf(draw: Draw): Uint8Array {
  const entries = draw.several(3, () => entry(draw));
  const tensors = draw.several(3, () => tensor(draw));
  return concatBytes([
    text('GGUF'),
    u32(draw.once(20) ? draw.pick([0, 1, 4, 0x03000000]) : draw.whole(2, 3)),
    u64(lengthOf(draw, tensors.length)),
    u64(lengthOf(draw, entries.length)),
    ...[...entries, ...tensors],
    draw.bytes(draw.whole(0, 600)),
  ]);
}

const head = (tensors: number | bigint, entries: number | bigint): Uint8Array =>
  concatBytes([text('GGUF'), u32(3), u64(tensors), u64(entries)]);
const many = (count: number, part: (i: number) => Uint8Array): Uint8Array => concatBytes(Array.from({ length: count }, (_, i) => part(i)));
const named = (i: number): Uint8Array => concatBytes([u64(4), text(i.toString(36).padStart(4))]);
const key = concatBytes([u64(1), text('k'), u32(9)]);
const filled = (size: number, byte: number): Uint8Array => new Uint8Array(size).fill(byte);

const times = (size: number, length: number): number => Math.floor(size / length);

/** Large files that repeat one thing, of about `size` bytes. */
export const bulkGguf: readonly ((size: number) => Uint8Array)[] = [
  (size) => concatBytes([head(0, times(size, 17)), many(times(size, 17), (i) => concatBytes([named(i), u32(0), u8(0)]))]),
  (size) => concatBytes([head(times(size, 36), 0), many(times(size, 36), (i) => concatBytes([named(i), u32(1), u64(0), u32(0), u64(0)]))]),
  (size) => concatBytes([head(0, 1), u64(size), filled(size, 97), u32(0), u8(0)]),
  (size) => concatBytes([head(0, 1), u64(1), text('k'), u32(8), u64(size), filled(size, 97)]),
  (size) => concatBytes([head(0, 1), key, u32(8), u64(times(size, 8)), filled(size, 0)]), // texts of no characters
  (size) =>
    concatBytes([
      head(0, 1),
      key,
      u32(8),
      u64(4096),
      many(4096, () => concatBytes([u64(times(size, 4096)), filled(times(size, 4096), 1)])),
    ]), // each escaped in JSON
  (size) => concatBytes([head(0, 1), key, u32(9), u64(times(size, 12)), filled(size, 0)]), // lists of no numbers
  (size) => concatBytes([head(0, 1), key, many(times(size, 12), () => concatBytes([u32(9), u64(1)]))]), // nested
  (size) =>
    concatBytes([
      head(0, times(size, 4116)),
      many(times(size, 4116), (i) => concatBytes([named(i), u32(9), u32(7), u64(4096), filled(4096, 1)])),
    ]),
];

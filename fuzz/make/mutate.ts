import { concatBytes, u16, u32, u64 } from '../../test/support/files/bytes.js';
import type { Draw } from '../draw.js';

/** Numbers that lengths, counts and places go wrong with. */
const numbers = [u16(0xffff), u32(0xffffffff), u32(0x7fffffff), u32(0), u32(1 << 20), u64(2 ** 40), u64(2n ** 64n - 1n), u64(0)];

type Change = (file: Uint8Array, draw: Draw) => Uint8Array;

/** Evenly over the file, its end among them. */
const at = (file: Uint8Array, draw: Draw): number => draw.whole(0, file.length);

function overwritten(file: Uint8Array, begin: number, bytes: Uint8Array): Uint8Array {
  const copy = file.slice();
  copy.set(bytes.subarray(0, file.length - begin), begin);
  return copy;
}

const changes: readonly Change[] = [
  (file, draw) => {
    const i = at(file, draw);
    return overwritten(file, i, Uint8Array.of((file[i] ?? 0) ^ draw.whole(1, 255)));
  },
  (file, draw) =>
    overwritten(file, at(file, draw), draw.once(2) ? draw.pick(numbers) : u32(draw.whole(0, draw.once(2) ? 300 : 2 ** 32 - 1))),
  (file, draw) => {
    const begin = at(file, draw);
    return concatBytes([file.subarray(0, begin), file.subarray(begin + draw.whole(0, 40))]);
  },
  (file, draw) => {
    const [begin, from] = [at(file, draw), at(file, draw)];
    return concatBytes([file.subarray(0, begin), file.subarray(from, from + draw.whole(0, 60)), file.subarray(begin)]);
  },
  (file, draw) => file.subarray(0, at(file, draw)),
  (file, draw) => overwritten(file, at(file, draw), draw.bytes(draw.whole(0, 20))),
  (file, draw) => overwritten(file, at(file, draw), new Uint8Array(draw.whole(0, 600))), // as a power cut leaves a block
];

/** The file with some of its bytes changed, moved, repeated or taken away. */
export function mutated(file: Uint8Array, draw: Draw): Uint8Array {
  let changed = file;
  for (let i = draw.whole(1, 5); i > 0; i--) changed = draw.pick(changes)(changed, draw);
  return changed;
}

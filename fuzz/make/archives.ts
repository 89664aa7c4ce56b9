import { u16, u32, u64 } from '../../test/support/files/bytes.js';
import { pickle } from '../../test/support/files/pickle.js';
import { orderedDict, torchLegacy, torchZip, whole } from '../../test/support/files/torch.js';
import { zip } from '../../test/support/files/zip.js';
import type { Draw } from '../draw.js';
import { pickled, program } from './pickles.js';
import { goodWeights, items } from './weights.js';

/** PyTorch's files of any pickle, and the pickle alone, and ZIP archives whose numbers or names lie. */

export function torchFile(draw: Draw): Uint8Array {
  const root = draw.once(4) ? { opcodes: '' } : pickled(draw);
  const form = draw.pick([torchZip, torchLegacy, undefined]);
  const wrapped = draw.once(2) ? orderedDict([['a', root]]) : root;
  if (!('opcodes' in Object(root))) return form ? whole(form(items.slice(0, 2), () => wrapped)) : pickle(wrapped);
  if (form === undefined) return program(draw);
  return whole(
    zip([{ name: 'archive/data.pkl', bytes: () => program(draw) }, ...items.map(({ bytes }, i) => ({ name: `archive/data/${i}`, bytes }))]),
  );
}

const entryNames = [
  'data.pkl',
  'a/data.pkl',
  'a/data/0',
  'a/byteorder',
  'net.pth',
  'net.zip',
  '',
  '../x',
  '__MACOSX/net.pth',
  'a/.data/serialization_id',
];

export function strangeZip(draw: Draw): Uint8Array {
  const content = (): Uint8Array => {
    const kind = draw.whole(0, 3);
    if (kind === 0) return draw.pick(Object.values(goodWeights));
    if (kind === 1) return draw.bytes(draw.whole(0, 30));
    return kind === 2 ? pickle(pickled(draw)) : new Uint8Array(4000);
  };
  const entries = draw.several(4, () => {
    const bytes = content();
    return { name: draw.pick(entryNames), bytes: () => bytes, deflated: draw.once(2) };
  });
  return whole(zip(entries, { zip64: draw.once(2) }));
}

const archives = ['torch', 'torch deflated', 'torch ZIP64', 'zip of torch', 'zip of legacy, deflated'];

/** The records of an archive, and the places and widths of their fields (APPNOTE, §4.3). */
const records: readonly (readonly [signature: number, fields: readonly (readonly [at: number, bytes: 2 | 4 | 8])[]])[] = [
  [
    0x04034b50,
    [
      [4, 2],
      [6, 2],
      [8, 2],
      [14, 4],
      [18, 4],
      [22, 4],
      [26, 2],
      [28, 2],
    ],
  ],
  [
    0x02014b50,
    [
      [6, 2],
      [8, 2],
      [10, 2],
      [16, 4],
      [20, 4],
      [24, 4],
      [28, 2],
      [30, 2],
      [32, 2],
      [34, 2],
      [42, 4],
    ],
  ],
  [
    0x06054b50,
    [
      [4, 2],
      [6, 2],
      [8, 2],
      [10, 2],
      [12, 4],
      [16, 4],
      [20, 2],
    ],
  ],
  [
    0x06064b50,
    [
      [4, 8],
      [24, 8],
      [32, 8],
      [40, 8],
      [48, 8],
    ],
  ],
  [
    0x07064b50,
    [
      [4, 4],
      [8, 8],
      [16, 4],
    ],
  ],
];

/** A good archive, one to three of whose fields say something else. */
export function lyingZip(draw: Draw): Uint8Array {
  const file = (goodWeights[draw.pick(archives)] as Uint8Array).slice();
  const view = new DataView(file.buffer);
  for (let i = draw.whole(1, 3); i > 0; i--) {
    const [signature, fields] = draw.pick(records);
    const places = Array.from({ length: file.length - 3 }, (_, at) => at).filter((at) => view.getUint32(at, true) === signature);
    if (places.length === 0) continue;
    const [offset, width] = draw.pick(fields);
    const at = draw.pick(places) + offset;
    const before = file[at] ?? 0;
    const value = draw.pick([
      0,
      1,
      8,
      9,
      12,
      before + 1,
      before - 1,
      draw.whole(0, file.length),
      file.length,
      0xffff,
      0x7fffffff,
      0xffffffff,
      2 ** 40,
    ]);
    const bytes = width === 2 ? u16(value) : width === 4 ? u32(value) : u64(Math.max(0, value));
    file.set(bytes.subarray(0, Math.max(0, file.length - at)), at);
  }
  return file;
}

import { concatBytes, text, u8, u32, u64 } from '../../test/support/files/bytes.js';
import { message, varint } from '../../test/support/files/caffe.js';
import type { Pickled } from '../../test/support/files/pickle.js';
import { orderedDict, torchLegacy, torchZip, whole } from '../../test/support/files/torch.js';
import { zip } from '../../test/support/files/zip.js';
import type { Draw } from '../draw.js';
import { bulkGguf } from './gguf.js';
import { bulkJson } from './json.js';
import { items } from './weights.js';

/** Large files of weights that repeat one thing, whose readers must not take time or memory out of proportion. */

const many = (count: number, part: (i: number) => Uint8Array): Uint8Array => concatBytes(Array.from({ length: count }, (_, i) => part(i)));
const repeated = (size: number, part: Uint8Array): Uint8Array => many(size / part.length, () => part);

const framed = (json: Uint8Array): Uint8Array => concatBytes([u64(json.length), json]);
const proto = u8(0x80);
const program = (...parts: readonly Uint8Array[]): Uint8Array => concatBytes([proto, u8(2), ...parts, text('.')]);
const key = (i: number): Uint8Array => concatBytes([text('J'), u32(i)]);
const unicode = (value: string): Uint8Array => concatBytes([text('X'), u32(Buffer.byteLength(value)), text(value)]);
const orderedDictCall = text('ccollections\nOrderedDict\n)R');

/** Pickles: what is between PROTO and STOP, of about so many bytes. */
const pickles: readonly ((size: number) => Uint8Array)[] = [
  // a dictionary that many keys share, lists and dictionaries of few bytes each, and nests of them
  (size) =>
    concatBytes([
      text('}q\0(X\x01\0\0\0aK\x01X\x01\0\0\0bK\x02X\x01\0\0\0cK\x03u0}('),
      many(size / 7, (i) => concatBytes([key(i), text('h\0')])),
      text('u'),
    ]),
  (size) => concatBytes([text('}q\0}('), many(size / 7, (i) => concatBytes([key(i), text('h\0')])), text('u')]),
  (size) => concatBytes([text(']('), repeated(size, text('}')), text('e')]),
  (size) => concatBytes([text(']('), repeated(size, text(']')), text('e')]),
  (size) => concatBytes([text(']('), repeated(size, text(')')), text('e')]),
  (size) => concatBytes([text('N'), repeated(size, u8(0x85))]), // TUPLE1
  (size) => concatBytes([repeated(size / 2, text(']')), repeated(size / 2, text('a'))]),
  (size) => concatBytes([text(']q\0'), repeated(size, text('h\0a'))]),
  (size) => concatBytes([text('}('), many(size / 7, (i) => concatBytes([key(i), text('N')])), text('u')]),
  (size) => concatBytes([text('}('), many(size / 12, (i) => concatBytes([unicode(i.toString(36)), text('N')])), text('u')]),
  (size) => concatBytes([text('}'), many(size / 7, (i) => concatBytes([key(i), text('Ns')]))]),
  (size) => concatBytes([text('('), repeated(size, text('K\x01')), text('t')]),
  (size) => concatBytes([repeated(size, text('(')), text('N')]),
  (size) => concatBytes([text('N'), many(size / 5, (i) => concatBytes([text('r'), u32(i)]))]),
  // the same as lines, and a value again and again
  (size) => concatBytes([text('N'), repeated(size, text('2'))]),
  (size) => concatBytes([text('('), repeated(size / 2, text('(d')), text('l')]),
  (size) => concatBytes([text('('), repeated(size / 3, text('I1\n')), text('l')]),
  (size) => concatBytes([text(']p0\n'), repeated(size / 4, text('g0\na'))]),
  (size) => concatBytes([text('('), repeated(size / 4, text("S''\n")), text('l')]),
  (size) => concatBytes([text('V'), repeated(size, text('\\u00e9'))]),
  // names, calls, long numbers and texts
  (size) => concatBytes([text(']('), repeated(size, orderedDictCall), text('e')]),
  (size) => concatBytes([text(']('), repeated(size, text('cargparse\nNamespace\n)R}b')), text('e')]),
  (size) => concatBytes([text('c'), repeated(size, text('a.')), text('\nb\n')]),
  (size) => concatBytes([u8(0x8b), u32(size), new Uint8Array(size).fill(77)]),
  (size) => concatBytes([text(']('), repeated(size, concatBytes([u8(0x8a), u8(255), new Uint8Array(255).fill(77)])), text('e')]),
  (size) => concatBytes([text('}('), unicode('.'.repeat(size)), text('Nu')]),
  (size) => concatBytes([text('}('), unicode(`${'module.'.repeat(size / 7)}weight`), text('Nu')]),
  (size) => unicode('é'.repeat(size / 2)),
];

/** Tensors that all lie in one storage, which is deflated or not. */
function sharedStorage(size: number, draw: Draw): Uint8Array {
  const place: Pickled = { persistent: { tuple: ['storage', { global: 'torch.FloatStorage' }, '0', 'cpu', size / 8] } };
  const tensor = (i: number): Pickled => ({
    call: { global: 'torch._utils._rebuild_tensor_v2' },
    args: [place, i, { tuple: [draw.pick([1, size / 16])] }, { tuple: [1] }, false, orderedDict([])],
  });
  const dict = orderedDict(Array.from({ length: Math.min(size / 200, 2000) }, (_, i) => [String(i), tensor(i)] as const));
  const storage = { name: '0', type: 'Float', shape: [size / 8], bytes: () => new Uint8Array(size / 2) } as const;
  return whole(torchZip([storage], () => dict, { deflated: draw.once(2) }));
}

function torch(size: number, draw: Draw): Uint8Array {
  const bytes = program(draw.pick(pickles)(size));
  if (!draw.once(3)) return whole(zip([{ name: 'a/data.pkl', bytes: () => bytes, deflated: draw.once(4) }]));
  const [magic, version, system, , ...rest] = [...torchLegacy(items.slice(0, 1))] as Uint8Array[];
  return concatBytes([magic, version, system, bytes, ...rest] as Uint8Array[]);
}

const blobOf = (...parts: readonly Uint8Array[]): Uint8Array => message(100, message(1, text('a')), message(7, ...parts));
const caffes: readonly ((size: number) => Uint8Array)[] = [
  (size) => message(100, message(1, text('a')), repeated(size, Uint8Array.of(7 * 8 + 2, 0))),
  (size) => repeated(size, message(100, message(1, text('a')), Uint8Array.of(7 * 8 + 2, 0))),
  (size) => many(size / 12, (i) => message(100, message(1, text(String(i))), message(7))),
  (size) => blobOf(message(7, message(1, new Uint8Array(size).fill(1)))),
  (size) => blobOf(message(7, repeated(size, Uint8Array.of(8, 1)))),
  (size) => blobOf(repeated(size, message(7, message(1, u8(1))))),
  (size) => blobOf(repeated(size, Uint8Array.of(8, 1))),
  (size) => message(1, new Uint8Array(size).fill(97)),
  (size) => repeated(size, message(1, text('a'))),
  (size) => new Uint8Array(size).fill(0x80),
  (size) => repeated(size, concatBytes([varint(9 * 8), varint(2 ** 52)])),
];

const safetensors: readonly ((size: number, draw: Draw) => Uint8Array)[] = [
  (size, draw) => framed(bulkJson(size, draw)),
  (size, draw) => framed(concatBytes([text('{"a":'), bulkJson(size, draw), text('}')])),
  (size, draw) => framed(concatBytes([text('{"__metadata__":'), bulkJson(size, draw), text('}')])),
  (size, draw) => framed(concatBytes([text('{"a":{"dtype":"F32","shape":'), bulkJson(size, draw), text(',"data_offsets":[0,0]}}')])),
  (size) =>
    framed(
      concatBytes([
        text('{'),
        many(size / 50, (i) => text(`"${i}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]},`)),
        text('"__metadata__":{}}'),
      ]),
    ),
  (size) => framed(text(`{"${'.'.repeat(size)}":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`)),
  (size) => framed(text(`{"${'module.'.repeat(size / 7)}weight":{"dtype":"F32","shape":[0],"data_offsets":[0,0]}}`)),
  (size) => framed(text(`{"__metadata__":{${Array.from({ length: size / 14 }, (_, i) => `"${i.toString(36)}":"",`).join('')}"z":""}}`)),
];

const archives: readonly ((size: number) => Uint8Array)[] = [
  (size) => whole(zip(Array.from({ length: size / 80 }, (_, i) => ({ name: String(i), bytes: () => new Uint8Array(0) })))),
  (size) => concatBytes([whole(zip([])), repeated(size, Uint8Array.of(0x50, 0x4b, 5, 6))]),
  (size) => concatBytes([text('PK\x03\x04'), new Uint8Array(size), repeated(65_000, Uint8Array.of(0x50, 0x4b, 5, 6))]),
  // of one byte in a thousand: as much as may be inflated, and far more
  (size) => whole(zip([{ name: 'a/data.pkl', bytes: () => new Uint8Array(4 * size), deflated: true }])),
  (size) => whole(zip([{ name: 'net.pth', bytes: () => new Uint8Array(16 * size), deflated: true }])),
];

/** Of about `size` bytes. */
export function bulkWeights(size: number, draw: Draw): Uint8Array {
  const kind = draw.whole(0, 10);
  if (kind <= 4) return torch(size, draw);
  if (kind === 5) return sharedStorage(size, draw);
  if (kind === 6) return draw.pick(archives)(size);
  if (kind === 7) return draw.pick(caffes)(size);
  return kind === 8 ? draw.pick(bulkGguf)(size) : draw.pick(safetensors)(size, draw);
}

import { concatBytes, text, u8, u16, u32, u64 } from '../../test/support/files/bytes.js';
import type { Pickled } from '../../test/support/files/pickle.js';
import type { Draw } from '../draw.js';

/** Pickles of the right words in any order. */

export const numberOf = (draw: Draw): number =>
  draw.once(2) ? draw.whole(-2, 12) : draw.pick([2 ** 16, 2 ** 31 - 1, 2 ** 32, 2 ** 40, 2 ** 53, -(2 ** 31), 0.5, Number.NaN]);

const storageTypes = ['torch.FloatStorage', 'torch.HalfStorage', 'torch.DoubleStorage', 'torch.LongStorage', 'torch.QInt8Storage'];
const callables = [
  ...['collections.OrderedDict', 'torch._utils._rebuild_tensor_v2', 'torch._utils._rebuild_tensor', 'torch._utils._rebuild_parameter'],
  ...[
    'torch.Size',
    'argparse.Namespace',
    'collections.Counter',
    'collections.defaultdict',
    'builtins.getattr',
    'builtins.set',
    'os.system',
  ],
  ...['numpy.core.multiarray.scalar', 'numpy.core.multiarray._reconstruct', 'numpy.dtype', 'torch.device', 'pathlib.PosixPath'],
  ...[
    'torch._utils._rebuild_sparse_tensor',
    'torch._utils._rebuild_qtensor',
    '_codecs.encode',
    'torch.storage._load_from_bytes',
    'copyreg._reconstructor',
    '__builtin__.object',
  ],
];

/** A tensor whose storage is there, with as many strides as extents: all that is wrong with it are numbers. */
function view(draw: Draw): Pickled {
  const axes = draw.several(3, () => [draw.pick([0, 1, 2, 3, 2 ** 20, 2 ** 31]), draw.pick([0, 0, 0, 1, 2])] as const);
  return {
    call: { global: 'torch._utils._rebuild_tensor' },
    args: [
      {
        persistent: {
          tuple: ['storage', { global: draw.pick(['torch.FloatStorage', 'torch.HalfStorage']) }, draw.pick(['0', '1']), 'cpu', 4],
        },
      },
      draw.whole(0, 3),
      { tuple: axes.map(([extent]) => extent) },
      { tuple: axes.map(([, stride]) => stride) },
    ],
  };
}

/** An array of NumPy whose dtype and values are there: numbers do not fit each other. */
function array(draw: Draw): Pickled {
  const bytes = draw.pick(['', '\0\0\u0080?', '\0'.repeat(16), 'π']);
  const values: Pickled = { call: { global: '_codecs.encode' }, args: [bytes, 'latin1'] };
  const dtype: Pickled = {
    build: { call: { global: 'numpy.dtype' }, args: [draw.pick(['f4', 'f2', 'i8', 'O', 'U3']), false, true] },
    attributes: { tuple: [3, draw.pick(['<', '>', '|']), null] },
  };
  if (draw.once(3))
    return { call: { global: 'numpy._core.numeric._frombuffer' }, args: [values, dtype, extents(draw), draw.pick(['C', 'F'])] };
  return {
    build: { call: { global: 'numpy.core.multiarray._reconstruct' }, args: [null] },
    attributes: { tuple: [1, draw.once(3) ? { tuple: [draw.whole(0, 4)] } : extents(draw), dtype, draw.once(2), values] },
  };
}

const extents = (draw: Draw): Pickled => ({ tuple: draw.several(4, () => numberOf(draw)) });
const storage = (draw: Draw): Pickled => ({
  persistent: {
    tuple: [
      ...['storage', { global: draw.pick(storageTypes) }, draw.pick(['0', '1', '9']), 'cpu', numberOf(draw)],
      draw.once(2) ? null : extents(draw),
    ],
  },
});

const keys: readonly Pickled[] = [
  'a',
  'b',
  'model',
  'state_dict',
  'model_ema',
  'args',
  '__proto__',
  'n_averaged',
  'module.fc.weight',
  1,
  null,
];

export function pickled(draw: Draw, depth = 0): Pickled {
  const deeper = (): Pickled => pickled(draw, depth + 1);
  const kind = draw.whole(0, depth >= 4 ? 4 : 12);
  if (kind === 0)
    return draw.once(2) ? numberOf(draw) : draw.pick([true, false, null, 'a', 'state_dict', '', '__proto__', 'x'.repeat(300)]);
  if (kind <= 2) return view(draw);
  if (kind === 3) return storage(draw);
  if (kind === 4)
    return {
      call: { global: draw.pick(callables) },
      args: [draw.once(6) ? null : storage(draw), numberOf(draw), extents(draw), extents(draw)],
    };
  if (kind === 12) return array(draw);
  if (kind === 5) return { tuple: draw.several(4, deeper) };
  if (kind === 6) return { list: draw.several(4, deeper) };
  if (kind <= 8) return { dict: draw.several(4, () => [draw.pick(keys), deeper()] as const) };
  if (kind === 9) return { call: { global: draw.pick([...callables, ...storageTypes]) }, args: draw.several(4, deeper) };
  if (kind === 10) return { persistent: deeper() };
  return {
    call: { global: draw.pick(callables) },
    args: draw.several(2, deeper),
    items: draw.several(3, () => [draw.pick(keys), deeper()] as const),
  };
}

const short = (draw: Draw): Uint8Array =>
  text(draw.pick(['a', 'torch', 'storage', '0', 'cpu', '__proto__', 'x'.repeat(draw.length(250))]).slice(0, 250));
const counted =
  (length: (n: number) => Uint8Array) =>
  (draw: Draw): Uint8Array => {
    const content = draw.once(8) ? draw.bytes(draw.whole(0, 12)) : short(draw);
    return concatBytes([length(draw.once(12) ? draw.pick([0, 255, 2 ** 16, 2 ** 31]) : content.length), content]);
  };
const line = (draw: Draw): Uint8Array => concatBytes([short(draw), text('\n')]);
/** What protocol 0 writes as a line: numbers, text in quotes and text with escapes, now and then of something else. */
const lines: Readonly<Record<string, readonly string[]>> = {
  I: ['0', '1', '-7', '00', '01', '9007199254740993', '1.5', ''],
  L: ['3L', '-3L', '18446744073709551616L', `${'7'.repeat(900)}L`, 'L'],
  F: ['0.5', '-1e-07', 'inf', '-inf', 'nan', '1e400', 'e'],
  S: ["'a'", '"state_dict"', String.raw`'\x00\xff\n\''`, "'\\x0'", "'", "'a", `'${'x'.repeat(300)}'`],
  V: ['a', 'storage', '\\u00e9', '\\U0001f40e', '\\U00110000', '\\u12', ''],
  p: ['0', '1', '5', '1000000', '-1', ''],
  g: ['0', '1', '5', '1000000', '-1', ''],
};
const lineFor =
  (letter: string) =>
  (draw: Draw): Uint8Array =>
    draw.once(8) ? line(draw) : text(`${draw.pick(lines[letter] ?? ['0', 'cpu'])}\n`);
const none = (): Uint8Array => new Uint8Array(0);
const index8 = (draw: Draw): Uint8Array => u8(draw.whole(0, 6));

/** Every opcode of pickle's protocols 0 to 5, and what follows it. */
const opcodes: readonly (readonly [code: number, argument: (draw: Draw) => Uint8Array])[] = [
  ...[...'(.012NQR)]}laosbteu'].map((letter): readonly [number, () => Uint8Array] => [letter.charCodeAt(0), none]),
  ...[0x81, 0x85, 0x86, 0x87, 0x88, 0x89, 0x8f, 0x90, 0x91, 0x92, 0x93, 0x94, 0x97, 0x98].map(
    (code): readonly [number, () => Uint8Array] => [code, none],
  ),
  ...[...'FILSVPgp'].map((letter) => [letter.charCodeAt(0), lineFor(letter)] as const),
  [0x69, (draw) => concatBytes([line(draw), line(draw)])], // INST
  [0x63, (draw) => text(`${draw.pick([...callables, ...storageTypes]).replace(/\.([^.]*)$/, '\n$1')}\n`)], // GLOBAL
  [0x80, (draw) => u8(draw.whole(0, 6))],
  ...[...'KqhU'].map((letter) => [letter.charCodeAt(0), letter === 'U' ? counted(u8) : index8] as const),
  [0x43, counted(u8)], // SHORT_BINBYTES
  [0x8c, counted(u8)], // SHORT_BINUNICODE
  [0x8a, counted(u8)], // LONG1
  [0x4d, (draw) => u16(draw.whole(0, 65535))],
  ...[...'Jrj'].map(
    (letter) => [letter.charCodeAt(0), (draw: Draw) => u32(draw.once(3) ? draw.whole(0, 2 ** 32 - 1) : draw.whole(0, 6))] as const,
  ),
  ...[...'XTB'].map((letter) => [letter.charCodeAt(0), counted((n) => u32(n))] as const),
  [0x8b, counted((n) => u32(n))], // LONG4
  ...[0x8d, 0x8e, 0x96].map((code) => [code, counted((n) => u64(n))] as const),
  [0x95, (draw) => u64(draw.pick([0, 20, 2 ** 20, 2 ** 53]))], // FRAME
  [0x47, (draw) => draw.bytes(8)],
  ...[0x82, 0x83, 0x84].map((code) => [code, (draw: Draw) => draw.bytes(2 ** (code - 0x82))] as const),
];

/** A program of opcodes in any order, mostly ones that leave a value, and an end; of the oldest protocols nothing says which. */
export function program(draw: Draw): Uint8Array {
  const parts = draw.several(40, () => {
    const [code, argument] = draw.pick(opcodes);
    return concatBytes([u8(code), argument(draw)]);
  });
  const begin = draw.once(4) ? text(draw.pick(['(dp0\n', '}q\0', '(lp0\n', 'ccollections\nOrderedDict\n)R'])) : undefined;
  return concatBytes([begin ?? concatBytes([u8(0x80), u8(draw.pick([2, 2, 2, 3, 4, 5, 0]))]), ...parts, u8(0x2e)]);
}

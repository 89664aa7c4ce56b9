import { bfloatsFromFloats, halvesFromFloats } from '../../src/io/half.js';
import { concatBytes } from '../../test/support/files/bytes.js';
import {
  type AttributePart,
  external,
  floats,
  ints,
  type NodePart,
  onnxFile,
  packedDoubles,
  packedFloats,
  packedInts,
  raw,
  type TensorPart,
  unpackedFloats,
  type ValuePart,
} from '../../test/support/files/onnx.js';
import type { Draw } from '../draw.js';
import type { Files } from '../reader.js';

/** ONNX files: an SE block whose shapes are computed, with nodes, weights and arguments that are nearly right; and large ones that repeat one thing. */

const odd = [0, 1, -1, 2, 3, 7, 8, 2 ** 31, -(2 ** 31), 2 ** 53, 2n ** 63n - 1n, -(2n ** 63n)];

/** True once in so many, or in a calm file more seldom, so that some are read. */
type Odds = (times: number) => boolean;

function nodesOf(draw: Draw, odds: Odds): readonly NodePart[] {
  const whole = (usual: number): number => (odds(20) ? Number(draw.pick(odd)) : usual);
  const op = (usual: string): string =>
    odds(40)
      ? draw.pick(['Relu', 'Slice', 'Split', 'Resize', 'Expand', 'Range', 'Loop', 'Transpose', 'Pad', 'ConstantOfShape', 'Cast'])
      : usual;
  const value = (usual: string): string => (odds(40) ? draw.pick(['x', 'c', 'z', 's', 'shape', 'y', '', 'nothing', 'held']) : usual);
  const nodes: NodePart[] = [
    [op('Conv'), ['x', value('w')], ['c'], { strides: [whole(1), whole(2)], pads: [whole(1), 1, 1, 1], group: whole(1) }],
    [op('ReduceMean'), [value('c')], ['z'], { axes: [whole(2), whole(3)], keepdims: 1 }],
    [op('Conv'), [value('z'), 'w1'], ['e']],
    [op('HardSigmoid'), [value('e')], ['s'], { alpha: { float: odds(4) ? Number.NaN : draw.pick([1 / 6, 0.2, 0]) } }],
    [op('Mul'), [value('c'), value('s')], ['m']],
    [op('Shape'), [value('m')], ['shape']],
    [op('Constant'), [], ['held'], constantOf(draw)],
    [op('Slice'), ['shape', value('from'), value('to')], ['N']],
    [op('Concat'), ['N', value('rest')], ['wanted'], { axis: whole(0) }],
    [op('Reshape'), [value('m'), value('wanted')], ['f']],
    [op('Gemm'), ['f', value('g')], ['y'], { transB: 1 }],
  ];
  // a cycle, a node out of its place, twice, or with too few or too many inputs
  if (odds(20)) nodes.push(draw.pick(nodes));
  if (odds(20)) nodes.unshift(...nodes.splice(draw.whole(0, nodes.length - 1), 1));
  return nodes.map(([name, inputs, ...rest]): NodePart => {
    if (odds(60)) return [name, inputs.slice(1), ...rest];
    return [name, odds(60) ? [...inputs, 'x', 'w', 'g'] : inputs, ...rest];
  });
}

/** Each form in which a Constant node may hold something. */
const constantOf = (draw: Draw): Readonly<Record<string, AttributePart>> =>
  draw.pick<Readonly<Record<string, AttributePart>>>([
    { value: { tensor: ints('', [1], [draw.pick(odd)]) } },
    { value: { tensor: { name: '', shape: [draw.whole(0, 3)], type: draw.whole(0, 24), stored: [raw(draw.bytes(8))] } } },
    { value_int: Number(draw.pick(odd)) },
    { value_ints: draw.several(4, () => Number(draw.pick(odd))) },
    { value_float: { float: draw.pick([0, 1, Number.NaN, Number.POSITIVE_INFINITY]) } },
    { value_floats: { floats: draw.several(4, () => draw.whole(-9, 9)) } },
    { value_string: 'cat' },
    { value_strings: { strings: draw.several(3, () => 'cat') } },
    {
      sparse_value: {
        sparse: {
          values: floats('', [2], [draw.whole(-9, 9), 1]),
          indices: ints('', [2], [draw.pick([0n, 1n, -1n, draw.pick(odd)]), draw.pick([2n, 1n, draw.pick(odd)])]),
          shape: [draw.whole(0, 9), Number(draw.pick(odd))],
        },
      },
    },
    {},
  ]);

/** What the file beside the model is called. */
const besides = 'w.bin';
const places = [
  'w.bin',
  './w.bin',
  'data/w.bin',
  '../w.bin',
  'data/../../w.bin',
  '/dev/zero',
  '/etc/passwd',
  '.',
  'data',
  '',
  'link',
  'out',
  'a\\b',
  '\0',
];

/** Values in one of the storages that they may be in, mostly the one that fits their type. */
function stored(draw: Draw, odds: Odds, values: readonly number[]): Pick<TensorPart, 'type' | 'stored'> {
  const wide = Float64Array.from(values);
  const forms: readonly Pick<TensorPart, 'type' | 'stored'>[] = [
    { type: 1, stored: [raw(Float32Array.from(values))] },
    { type: 1, stored: [packedFloats(values)] },
    { type: 1, stored: [unpackedFloats(values)] },
    { type: 10, stored: [raw(halvesFromFloats(wide))] },
    { type: 10, stored: [packedInts(5, [...halvesFromFloats(wide)])] },
    { type: 11, stored: [packedDoubles(values)] },
    { type: 16, stored: [raw(bfloatsFromFloats(wide))] },
    { type: 3, stored: [packedInts(5, values)] },
    { type: 1, stored: [external(placeOf(draw, odds, 4 * values.length))] },
  ];
  const form = draw.pick(forms);
  return odds(20) ? { ...form, type: draw.whole(0, 24) } : form;
}

function placeOf(draw: Draw, odds: Odds, bytes: number): Readonly<Record<string, string>> {
  const number = (usual: number): string => (odds(5) ? String(draw.pick([...odd, '0x4', '1.5', '', '1e3'])) : String(usual));
  return {
    location: odds(3) ? draw.pick(places) : besides,
    ...(draw.once(2) && { offset: number(draw.whole(0, 64)) }),
    ...(draw.once(2) && { length: number(bytes) }),
  };
}

function weightsOf(draw: Draw, odds: Odds): readonly TensorPart[] {
  const extent = (usual: number): number => (odds(30) ? draw.pick([draw.whole(0, 9), -1, 2 ** 31, 2 ** 40, 2 ** 53]) : usual);
  const filled = (name: string, usual: readonly number[]): TensorPart => {
    const values = Array.from({ length: usual.reduce((size, each) => size * each, 1) }, () => draw.whole(-9, 9));
    const { type, stored: fields } = !odds(2) ? floats(name, usual, values) : stored(draw, odds, values);
    return { name, shape: usual.map(extent), type, stored: fields };
  };
  const list = (name: string, values: readonly number[]): TensorPart =>
    ints(
      name,
      [values.length],
      values.map((usual) => (odds(20) ? draw.pick(odd) : usual)),
    );
  return [
    filled('w', [4, 3, 3, 3]),
    filled('w1', [4, 4, 1, 1]),
    filled('g', [2, 32]),
    list('from', [0]),
    list('to', [1]),
    list('rest', [-1]),
  ].filter(() => !odds(60));
}

/** Names and shapes of the input as files have them: also as an initializer, and of other types. */
function inputsOf(draw: Draw, odds: Odds): readonly ValuePart[] {
  const x: ValuePart = {
    name: 'x',
    ...(odds(3) && { shape: draw.pick([[1, 3, 4, 4], ['N', 3, 'H', 'W'], [-1, 3, 4, 4], [2 ** 40, 3, 4, 4], []]) }),
  };
  if (odds(30)) return [];
  if (odds(30)) return [{ ...x, type: draw.whole(0, 24) }];
  return odds(10) ? [x, { name: draw.pick(['w', 'g', 'x', 'another']) }] : [x];
}

/** The model, and the file beside it. */
export function nearlyOnnx(draw: Draw): Files {
  const calm = draw.pick([1, 8]);
  const odds: Odds = (times) => draw.once(times * calm);
  const opset = odds(20) ? draw.whole(0, 30) : draw.whole(10, 17);
  const outputs = odds(40) ? draw.pick([[], ['x'], ['w'], ['y', 'y'], ['nothing'], ['s', 'y']]) : ['y'];
  const file = onnxFile({ opset, nodes: nodesOf(draw, odds), initializers: weightsOf(draw, odds), inputs: inputsOf(draw, odds), outputs });
  return { 'model/model.onnx': file, 'model/w.bin': draw.bytes(draw.pick([0, 64, 512, 512])), 'w.bin': new Uint8Array(512) };
}

const many = <T>(count: number, part: (i: number) => T): readonly T[] => Array.from({ length: Math.floor(count) }, (_, i) => part(i));

/** Large files of about so many bytes, by what they repeat. */
const bulks: readonly ((size: number) => Uint8Array)[] = [
  // nodes one after another, of layers and of constants; side by side; that nobody needs
  (size) =>
    onnxFile({ nodes: many(size / 25, (i) => ['Relu', [i === 0 ? 'x' : `r${i - 1}`], [i + 1 < Math.floor(size / 25) ? `r${i}` : 'y']]) }),
  (size) =>
    onnxFile({
      nodes: [
        ...many(size / 30, (i): NodePart => ['Add', [i === 0 ? 'one' : `a${i - 1}`, 'one'], [`a${i}`]]),
        ['Reshape', ['x', `a${Math.floor(size / 30) - 1}`], ['y']],
      ],
      initializers: [ints('one', [1], [1])],
    }),
  (size) => onnxFile({ nodes: [...many(size / 20, (i): NodePart => ['Relu', ['x'], [`r${i}`]]), ['Relu', ['x'], ['y']]] }),
  (size) => onnxFile({ nodes: [['Concat', ['x', ...many(size / 4, () => 'x')], ['y'], { axis: 1 }]] }),
  (size) =>
    onnxFile({
      nodes: [
        ['Split', ['x'], many(size / 8, (i) => `s${i}`), { axis: 1 }],
        ['Relu', ['s0'], ['y']],
      ],
    }),
  // tensors, names, extents, attributes
  (size) => onnxFile({ nodes: [['Relu', ['x'], ['y']]], initializers: many(size / 24, (i) => floats(`w${i}`, [1], [i])) }),
  (size) =>
    onnxFile({
      nodes: many(size / 40, (i) => ['Add', [i === 0 ? 'x' : `y${i}`, 'w'], [`y${i + 1}`]]),
      initializers: [floats('w', [1], [1])],
      outputs: ['y1'],
    }),
  (size) => onnxFile({ nodes: [['Relu', ['x'.repeat(4000)], ['y']]], inputs: many(size / 4000, () => ({ name: 'x'.repeat(4000) })) }),
  (size) =>
    onnxFile({
      nodes: [['Reshape', ['x', 's'], ['y']]],
      initializers: [
        ints(
          's',
          [Math.floor(size / 8)],
          many(size / 8, () => 1),
        ),
      ],
    }),
  (size) => onnxFile({ nodes: [['Transpose', ['x'], ['y'], { perm: many(Math.min(size / 2, 30_000), (i) => i % 4) }]] }),
  (size) => onnxFile({ nodes: [['Relu', ['x'], ['y'], Object.fromEntries(many(size / 16, (i) => [`a${i}`, i]))]] }),
  // a little that asks for much: constants that are made larger and larger, and shapes of them
  (size) =>
    onnxFile({
      nodes: [
        ...many(size / 40, (i): NodePart => ['Concat', [i === 0 ? 's' : `c${i - 1}`, i === 0 ? 's' : `c${i - 1}`], [`c${i}`], { axis: 0 }]),
        ['Reshape', ['x', `c${Math.floor(size / 40) - 1}`], ['y']],
      ],
      initializers: [ints('s', [1], [1])],
    }),
  (size) =>
    onnxFile({
      nodes: [
        ...many(size / 60, (i): NodePart => ['ConstantOfShape', ['s'], [`c${i}`]]),
        ...many(
          size / 60,
          (i): NodePart => ['Add', [i === 0 ? 'x' : `y${i - 1}`, `c${i}`], [i + 1 < Math.floor(size / 60) ? `y${i}` : 'y']],
        ),
      ],
      initializers: [ints('s', [1], [2 ** 19])],
    }),
  (size) =>
    onnxFile({
      nodes: [['Gemm', ['x', 'w'], ['y']]],
      initializers: [{ name: 'w', shape: [3, size], type: 3, stored: [raw(new Uint8Array(3 * size))] }],
    }),
];

export const bulkOnnx = (draw: Draw, size: number): Files => ({ 'model/model.onnx': concatBytes([draw.pick(bulks)(size)]) });

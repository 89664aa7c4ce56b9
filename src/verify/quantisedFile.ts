import { InputError, naming, showShape } from '../errors.js';
import { build } from '../graph/build.js';
import type { Graph } from '../graph/graph.js';
import {
  type Kind,
  listOf,
  nullable,
  number,
  objectWith,
  oneOf,
  optional,
  plain,
  type Read,
  record,
  text,
  wholeFrom,
} from '../io/schema.js';
import type { Conv2dAttrs, Node, Value } from '../ops/op.js';
import { type IntegerDtype, isScale, type Quantisation, rangeOf } from '../ops/quantised/quantisation.js';
import { type Shape, sizeOf, type Tensor } from '../tensor.js';

/** One operator on given numbers, with what it gives: exact integers. */
export interface QuantisedCase {
  readonly name: string;
  readonly graph: Graph;
  readonly weights: ReadonlyMap<string, Tensor>;
  readonly input: Tensor;
  /** By the names of the graph's outputs. */
  readonly expected: Readonly<Record<string, readonly number[]>>;
}

const shape: Kind<Shape> = listOf(wholeFrom(1));
const pair = listOf(wholeFrom(1), 2);
const byteType = oneOf('uint8', 'int8');
const numbers = listOf(number);
const whole = wholeFrom(-(2 ** 31), 2 ** 31 - 1);
const wholes = listOf(whole);
const scale = plain<number>('a positive float32', isScale);

/** One for all, or a list. */
const oneOrMany = (kind: Kind<number>): Kind<readonly number[]> => ({
  what: `${kind.what}, or a list of such`,
  read: (value, path) => (Array.isArray(value) ? listOf(kind).read(value, path) : [kind.read(value, path)]),
});

/** So that no plane is large for what a file merely claims. */
const mostPadding = 1024;

const window = { group: wholeFrom(1), strides: pair, pads: listOf(wholeFrom(0, mostPadding), 4), dilations: pair };
const x = { xType: byteType, xShape: shape, xZeroPoint: whole, x: wholes };
const w = { wType: byteType, wShape: shape, wZeroPoint: oneOrMany(whole), w: wholes };
const matrices = {
  ...{ aType: byteType, aShape: listOf(wholeFrom(1), 2), aZeroPoint: whole, a: wholes },
  ...{ bType: byteType, bShape: listOf(wholeFrom(1), 2), bZeroPoint: oneOrMany(whole), b: wholes },
};
const to = { yScale: scale, yType: byteType, yZeroPoint: whole };

const kinds = {
  QLinearConv: objectWith({
    ...window,
    ...x,
    ...w,
    bias: optional(nullable(wholes), null),
    xScale: scale,
    wScale: oneOrMany(scale),
    ...to,
    y: wholes,
  }),
  ConvInteger: objectWith({ ...window, ...x, ...w, y: wholes }),
  MatMulInteger: objectWith({ ...matrices, y: wholes }),
  QLinearMatMul: objectWith({ ...matrices, aScale: scale, bScale: oneOrMany(scale), ...to, y: wholes }),
  QuantizeLinear: objectWith({ ...to, x: numbers, y: wholes }),
  DequantizeLinear: objectWith({ xType: byteType, xScale: scale, xZeroPoint: whole, x: wholes, y: numbers }),
  DynamicQuantizeLinear: objectWith({ x: numbers, yScale: number, yZeroPoint: whole, y: wholes }),
} as const;

type Op = keyof typeof kinds;
type Case<K extends Op> = Read<(typeof kinds)[K]>;

/** What a case is as a graph: its input, the numbers that are parameters, and its outputs. */
interface Made {
  readonly input: Tensor;
  readonly weights?: Readonly<Record<string, { readonly shape: Shape; readonly values: readonly number[]; readonly dtype?: IntegerDtype }>>;
  readonly outputs: (image: Value, parameter: (name: string) => Value) => Readonly<Record<string, Value>>;
  readonly expected?: QuantisedCase['expected'];
}

const makers: { readonly [K in Op]: (given: Case<K>) => Made } = {
  QLinearConv(given) {
    const O = given.wShape[0] as number;
    const { xScale, wScale, bias } = given;
    return {
      input: tensorOf('x', given.xShape, given.x),
      weights: {
        w: { shape: given.wShape, values: given.w, dtype: given.wType },
        scale: { shape: [O], values: spread(wScale, O) },
        ...(bias && { bias: { shape: [O], values: bias, dtype: 'int32' as const } }),
      },
      outputs(image, parameter) {
        const operands = [integers(image, given.xType), parameter('w'), parameter('scale'), ...(bias ? [parameter('bias')] : [])];
        const from = quantisation(given.xType, xScale, given.xZeroPoint);
        const attrs = { ...windowOf(given), x: from, w: { dtype: given.wType, zeroPoints: given.wZeroPoint }, y: target(given) };
        return { y: image.graph.emit('quantisedConv2d', operands, attrs) };
      },
    };
  },
  ConvInteger: (given) => ({
    input: tensorOf('x', given.xShape, given.x),
    weights: { w: { shape: given.wShape, values: given.w, dtype: given.wType } },
    outputs(image, parameter) {
      const attrs = {
        ...windowOf(given),
        xDtype: given.xType,
        xZeroPoint: given.xZeroPoint,
        w: { dtype: given.wType, zeroPoints: given.wZeroPoint },
      };
      return { y: image.graph.emit('integerConv2d', [integers(image, given.xType), parameter('w')], attrs) };
    },
  }),
  MatMulInteger: (given) => ({
    input: tensorOf('a', given.aShape, given.a),
    weights: { w: transposed(given) },
    outputs(image, parameter) {
      const attrs = { xDtype: given.aType, xZeroPoint: given.aZeroPoint, w: { dtype: given.bType, zeroPoints: given.bZeroPoint } };
      return { y: image.graph.emit('integerLinear', [integers(image, given.aType), parameter('w')], attrs) };
    },
  }),
  QLinearMatMul(given) {
    const w = transposed(given);
    const O = w.shape[0] as number;
    return {
      input: tensorOf('a', given.aShape, given.a),
      weights: { w, scale: { shape: [O], values: spread(given.bScale, O) } },
      outputs(image, parameter) {
        const from = quantisation(given.aType, given.aScale, given.aZeroPoint);
        const attrs = { x: from, w: { dtype: given.bType, zeroPoints: given.bZeroPoint }, y: target(given) };
        return { y: image.graph.emit('quantisedLinear', [integers(image, given.aType), parameter('w'), parameter('scale')], attrs) };
      },
    };
  },
  QuantizeLinear: (given) => ({
    input: tensorOf('x', [1, given.x.length], given.x),
    outputs: (image) => ({ y: image.graph.emit('quantise', [image], { y: target(given) }) }),
  }),
  DequantizeLinear: (given) => ({
    input: tensorOf('x', [1, given.x.length], given.x),
    outputs(image) {
      const from = quantisation(given.xType, given.xScale, given.xZeroPoint);
      return { y: image.graph.emit('dequantise', [integers(image, given.xType)], { x: from }) };
    },
  }),
  DynamicQuantizeLinear: (given) => ({
    input: tensorOf('x', [1, given.x.length], given.x),
    outputs(image) {
      const scale = image.graph.emit('dynamicScale', [image], {});
      const zeroPoint = image.graph.emit('dynamicZeroPoint', [image], {});
      return { y: image.graph.emit('quantiseBy', [image, scale, zeroPoint], {}), scale, 'zero point': zeroPoint };
    },
    expected: { y: given.y, scale: [given.yScale], 'zero point': [given.yZeroPoint] },
  }),
};

/** Integers out of floats that are such. */
const integers = (image: Value, dtype: 'uint8' | 'int8'): Value => image.graph.emit('quantise', [image], { y: quantisation(dtype, 1, 0) });

function quantisation(dtype: 'uint8' | 'int8', scale: number, zeroPoint: number): Quantisation {
  const [least, most] = rangeOf[dtype];
  if (zeroPoint < least || zeroPoint > most) throw new InputError(`a zero point of ${zeroPoint} is no ${dtype}`);
  return { dtype, scale, zeroPoint, range: rangeOf[dtype] };
}

const target = (given: { readonly yType: 'uint8' | 'int8'; readonly yScale: number; readonly yZeroPoint: number }): Quantisation =>
  quantisation(given.yType, given.yScale, given.yZeroPoint);

function windowOf({ group, strides, pads, dilations }: Pick<Case<'ConvInteger'>, keyof typeof window>): Conv2dAttrs {
  const [top, left, bottom, right] = pads as readonly [number, number, number, number];
  return {
    stride: [strides[0] as number, strides[1] as number],
    padding: [top, right, bottom, left],
    dilation: [dilations[0] as number, dilations[1] as number],
    groups: group,
  };
}

function transposed({ bShape, b, bType }: Case<'MatMulInteger'>): NonNullable<Made['weights']>[string] {
  const [K, N] = bShape as readonly [number, number];
  if (b.length !== K * N) throw new InputError(`b must be of ${K * N} numbers, not ${b.length}`);
  return { shape: [N, K], values: Array.from({ length: N * K }, (_, i) => b[(i % K) * N + Math.floor(i / K)] as number), dtype: bType };
}

const spread = (values: readonly number[], size: number): readonly number[] =>
  values.length === 1 ? Array.from({ length: size }, () => values[0] as number) : values;

/** In float64, which holds int32. */
function tensorOf(name: string, of: Shape, values: readonly number[]): Tensor {
  if (sizeOf(of) !== values.length) throw new InputError(`${name} must be of ${sizeOf(of)} numbers, not ${values.length}`);
  return { shape: of, data: Float64Array.from(values) };
}

const entry = objectWith({ name: text, op: oneOf(...(Object.keys(kinds) as Op[])) });
const file = objectWith({ cases: listOf(record) });

/** Each operator's case as a network of it alone. @throws InputError that names the case, and the field which is missing or not what the format has */
export function parseQuantisedFile(json: unknown): readonly QuantisedCase[] {
  return file.read(json, '').cases.map((value, i) => naming(`cases[${i}]`, () => caseOf(value)));
}

function caseOf(value: unknown): QuantisedCase {
  const { name, op } = entry.read(value, '');
  const given = (kinds[op] as Kind<{ readonly y: readonly number[] }>).read(value, '');
  const { input, weights = {}, outputs, expected = { y: given.y } } = (makers[op] as (given: unknown) => Made)(given);
  const graph = build(input.shape, (image) =>
    outputs(image, (parameter) => {
      const { shape: of, dtype } = weights[parameter] as NonNullable<Made['weights']>[string];
      return image.graph.emit('param', [], { name: parameter, shape: of, trainable: true, ...(dtype && { dtype }) });
    }),
  );
  for (const [output, id] of graph.outputs) {
    const { shape: of } = graph.nodes[id] as Node;
    const { length } = expected[output] as readonly number[];
    if (sizeOf(of) !== length) throw new InputError(`${op} gives ${output} of ${showShape(of)}, and the file has ${length} numbers`);
  }
  const tensors = Object.entries(weights).map(
    ([parameter, { shape: of, values }]) => [parameter, tensorOf(parameter, of, values)] as const,
  );
  return { name: `${op} ${name}`, graph, weights: new Map(tensors), input, expected };
}

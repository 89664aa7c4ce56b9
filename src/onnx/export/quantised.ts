import type { Interpreter } from '../../graph/evaluate.js';
import { encodeFloats } from '../../io/safetensors.js';
import type { Conv2dAttrs, Node, NodeId, PointwiseOp, QuantisedAttrs, QuantisedLayerAttrs } from '../../ops/op.js';
import {
  type AxisQuantisation,
  type IntegerDtype,
  type IntegerWeights,
  type Quantisation,
  rangeOf,
} from '../../ops/quantised/quantisation.js';
import type { Shape, Tensor } from '../../tensor.js';
import type { OnnxWriter } from './regions.js';
import type { WrittenAttribute, WrittenTensor } from './written.js';

/*
 * A quantised graph as QDQ: each op is an operator of floats between DequantizeLinear and QuantizeLinear, which engines compute as one of integers. Of real
 * numbers both are the same function. QuantizeLinear clips to the whole of its type; a narrower range is a Clip of integers behind it.
 */

/** Operators of floats, by what their results are called. */
export interface FloatOperators {
  convAttributes(filter: Shape, attrs: Conv2dAttrs): Readonly<Record<string, WrittenAttribute>>;
  /** Operands of two extents. */
  gemm(output: string, inputs: readonly string[]): string;
  function(of: PointwiseOp, output: string, x: string, id: NodeId): string;
  /** Gates [N, C] of u [N, C, H, W]. */
  scale(output: string, u: string, s: string, id: NodeId): string;
  globalAvgPool(output: string, x: string, id: NodeId): string;
}

/** What writing quantised ops takes beside the writer and the operators of floats. */
export interface QuantisedWriting {
  /** What the file calls a node's value. */
  nameOf(id: NodeId): string;
  nodeAt(id: NodeId | undefined): Node;
  readonly nodes: readonly Node[];
  /** The numbers of a parameter, when they are written. */
  valuesOf(parameter: string): Promise<Tensor>;
}

const typed = { uint8: Uint8Array, int8: Int8Array, int32: Int32Array } as const;

/** Integers as they are stored. */
export const integerBytes = (dtype: IntegerDtype, values: ArrayLike<number>): Uint8Array =>
  new Uint8Array(typed[dtype].from(values).buffer as ArrayBuffer);

/** What the ops of quantised graphs are in ONNX. */
export function quantisedRules(
  writer: OnnxWriter,
  floats: FloatOperators,
  { nameOf, nodeAt, nodes, valuesOf }: QuantisedWriting,
): Interpreter<string, keyof QuantisedAttrs> {
  const { mark, emit, emitAll, scalar, initializer } = writer;
  const part = (id: NodeId, what: string): string => `${mark}${id}.${what}`;
  const integers = (name: string, shape: Shape, dtype: IntegerDtype, values: readonly number[]): string =>
    initializer({ name, shape, type: dtype, data: integerBytes(dtype, values) });
  const integer = (dtype: IntegerDtype, value: number): string => integers(`${mark}${dtype} ${value}`, [], dtype, [value]);

  /** Once for all that read it: that two operators read one value is seen by it. */
  const known = new Set<string>();
  const dequantised = (x: string, { dtype, scale, zeroPoint }: Quantisation): string => {
    const name = `${mark}${x} from ${zeroPoint} by ${scale}`;
    if (known.has(name)) return name;
    known.add(name);
    return emit(name, 'DequantizeLinear', [x, scalar(scale), integer(dtype, zeroPoint)]);
  };

  const quantised = (real: string, id: NodeId, { dtype, scale, zeroPoint, range }: Quantisation): string => {
    const whole = rangeOf[dtype];
    const [low, high] = range.map((end, i) => (end === whole[i] ? '' : integer(dtype, end))) as [string, string];
    const isWhole = low === '' && high === '';
    const q = emit(isWhole ? nameOf(id) : part(id, 'bytes'), 'QuantizeLinear', [real, scalar(scale), integer(dtype, zeroPoint)]);
    return isWhole ? q : emit(nameOf(id), 'Clip', [q, low, high]);
  };

  const zeroPointsOf = (id: NodeId, { dtype, zeroPoints: [first = 0, ...others] }: IntegerWeights, O: number): string =>
    others.length === 0
      ? integers(`${mark}${O} of ${dtype} ${first}`, [O], dtype, new Array<number>(O).fill(first))
      : integers(part(id, 'zero points'), [O], dtype, [first, ...others]);

  /** Weights, with a scale for each output. */
  const weights = (id: NodeId, w: string, of: IntegerWeights, scales: string, O: number): string =>
    emit(part(id, 'weights'), 'DequantizeLinear', [w, scales, zeroPointsOf(id, of, O)], { axis: 0 });

  /** A bias of the products: its scales are x's times those of the weights, each rounded to float32 once. */
  const biasOf = ({ id, inputs: [, , scales, bias] }: Node, { scale }: Quantisation, O: number): readonly string[] => {
    if (bias === undefined) return [];
    const read = async (): Promise<Uint8Array> => {
      const { data } = await valuesOf((nodeAt(scales) as Node<'param'>).attrs.name);
      return encodeFloats(Float32Array.from(data, (each) => scale * each));
    };
    const products: WrittenTensor = { name: part(id, 'bias scales'), shape: [O], type: 'float', data: { length: 4 * O, read } };
    return [emit(part(id, 'bias'), 'DequantizeLinear', [nameOf(bias), initializer(products)], { axis: 0 })];
  };

  /** A layer's operands as floats. */
  const layer = (x: string, [, w, scales]: readonly string[], node: Node, attrs: QuantisedLayerAttrs): readonly string[] => {
    const O = nodeAt(node.inputs[1]).shape[0] as number;
    const matrix = weights(node.id, w as string, attrs.w, scales as string, O);
    return [dequantised(x, attrs.x), matrix, ...biasOf(node, attrs.x, O)];
  };
  const realName = (id: NodeId, y: Quantisation | undefined): string => (y ? part(id, 'real') : nameOf(id));
  const maybeQuantised = (real: string, id: NodeId, y: Quantisation | undefined): string => (y ? quantised(real, id, y) : real);

  /** As a matrix, whatever it is of. */
  const flat = (value: string, from: NodeId | undefined, id: NodeId, what: string): string =>
    nodeAt(from).shape.length === 2 ? value : emit(part(id, what), 'Flatten', [value], { axis: 1 });

  const along = (x: string, id: NodeId, { dtype, scales, zeroPoints, axis }: AxisQuantisation, op: string): string => {
    const { length } = scales.length === 1 ? zeroPoints : scales;
    const each = (values: readonly number[]): readonly number[] =>
      values.length === length ? values : new Array<number>(length).fill(values[0] as number);
    const shape = length === 1 ? [] : [length];
    const data = encodeFloats(Float32Array.from(each(scales)));
    const scale = initializer({ name: part(id, 'scales'), shape, type: 'float', data });
    // int32 stand for sums, which have none
    const isPlain = dtype === 'int32' && zeroPoints.every((point) => point === 0);
    const zero = isPlain ? [] : [integers(part(id, 'zero points'), shape, dtype, each(zeroPoints))];
    return emit(nameOf(id), op, [x, scale, ...zero], length === 1 ? {} : { axis });
  };

  /** One operator gives the integers of a value, its scale and its zero point. */
  const dynamic = new Map<NodeId, readonly [bytes: string, scale: string, zeroPoint: string]>();
  const dynamicOf = (x: string, from: NodeId): readonly [bytes: string, scale: string, zeroPoint: string] => {
    const found = dynamic.get(from);
    if (found !== undefined) return found;
    const called = (op: Node['op'], what: string): string => {
      const node = nodes.find((other) => other.op === op && other.inputs[0] === from);
      return node === undefined ? part(from, what) : nameOf(node.id);
    };
    const names = [part(from, 'bytes'), called('dynamicScale', 'scale'), called('dynamicZeroPoint', 'zero point')] as const;
    emitAll(names, 'DynamicQuantizeLinear', [x]);
    dynamic.set(from, names);
    return names;
  };

  /** x's zero point, of the attribute or the operand, and those of the weights. */
  const zeros = (
    [, , operand]: readonly string[],
    id: NodeId,
    { xDtype, xZeroPoint, w }: QuantisedAttrs['integerLinear'],
    O: number,
  ): readonly string[] => [
    operand ?? integer(xDtype, xZeroPoint ?? 0),
    w.zeroPoints.length === 1 ? integer(w.dtype, w.zeroPoints[0] as number) : zeroPointsOf(id, w, O),
  ];

  return {
    quantise: ([x], { id, attrs: { y } }) => quantised(x as string, id, y),
    dequantise: ([x], { attrs }) => dequantised(x as string, attrs.x),
    quantiseAxis: ([x], { id, attrs }) => along(x as string, id, attrs.along, 'QuantizeLinear'),
    dequantiseAxis: ([x], { id, attrs }) => along(x as string, id, attrs.along, 'DequantizeLinear'),
    quantisedConv2d(inputs, node) {
      const { id, attrs } = node;
      const operands = layer(inputs[0] as string, inputs, node, attrs);
      const attributes = floats.convAttributes(nodeAt(node.inputs[1]).shape, attrs);
      return maybeQuantised(emit(realName(id, attrs.y), 'Conv', operands, attributes), id, attrs.y);
    },
    quantisedLinear(inputs, node) {
      const { id, attrs } = node;
      const [x, w = '', ...bias] = layer(flat(inputs[0] as string, node.inputs[0], id, 'rows'), inputs, node, attrs);
      const operands = [x as string, flat(w, node.inputs[1], id, 'matrix'), ...bias];
      return maybeQuantised(floats.gemm(realName(id, attrs.y), operands), id, attrs.y);
    },
    scaledLinear([x, w, scales, ...bias], { id, inputs }) {
      const of = weights(id, w as string, { dtype: 'int8', zeroPoints: [0] }, scales as string, nodeAt(inputs[1]).shape[0] as number);
      return floats.gemm(nameOf(id), [flat(x as string, inputs[0], id, 'rows'), flat(of, inputs[1], id, 'matrix'), ...bias]);
    },
    quantisedAdd([a, b], { id, attrs }) {
      const operands = [dequantised(a as string, attrs.a), dequantised(b as string, attrs.b)];
      return quantised(emit(part(id, 'real'), 'Add', operands), id, attrs.y);
    },
    quantisedScale([u, s, residual], { id, attrs }) {
      const name = part(id, attrs.residual ? 'scaled' : 'real');
      const scaled = floats.scale(name, dequantised(u as string, attrs.u), s as string, id);
      if (attrs.residual === undefined) return quantised(scaled, id, attrs.y);
      const operands = [scaled, dequantised(residual as string, attrs.residual)];
      return quantised(emit(part(id, 'real'), 'Add', operands), id, attrs.y);
    },
    quantisedPointwise([x], { id, attrs: { x: from, y, of } }) {
      const real = dequantised(x as string, from);
      return quantised(of === 'identity' ? real : floats.function(of, part(id, 'real'), real, id), id, y);
    },
    quantisedGlobalAvgPool: ([u], { id, attrs }) => floats.globalAvgPool(nameOf(id), dequantised(u as string, attrs.u), id),
    integerConv2d(inputs, { id, inputs: [, w], attrs }) {
      const filter = nodeAt(w).shape;
      const operands = [...inputs.slice(0, 2), ...zeros(inputs, id, attrs, filter[0] as number)];
      return emit(nameOf(id), 'ConvInteger', operands, floats.convAttributes(filter, attrs));
    },
    integerLinear(inputs, { id, inputs: [x, w], attrs }) {
      const matrix = flat(inputs[1] as string, w, id, 'outputs');
      const operands = [flat(inputs[0] as string, x, id, 'rows'), emit(part(id, 'matrix'), 'Transpose', [matrix], { perm: [1, 0] })];
      return emit(nameOf(id), 'MatMulInteger', [...operands, ...zeros(inputs, id, attrs, nodeAt(w).shape[0] as number)]);
    },
    dynamicScale: ([x], { inputs: [from] }) => dynamicOf(x as string, from as NodeId)[1],
    dynamicZeroPoint: ([x], { inputs: [from] }) => dynamicOf(x as string, from as NodeId)[2],
    quantiseBy([x, scale, zeroPoint], { id, inputs: [from] }) {
      const [q, ownScale, ownZero] = dynamic.get(from as NodeId) ?? [];
      return q !== undefined && scale === ownScale && zeroPoint === ownZero
        ? q
        : emit(nameOf(id), 'QuantizeLinear', [x as string, scale as string, zeroPoint as string]);
    },
  };
}

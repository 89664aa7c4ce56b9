import { UnsupportedError } from '../../src/errors.js';
import { checkTensors, parameterOf } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Box, Conv2dAttrs, Node, NodeId, Pair } from '../../src/ops/op.js';
import type { Quantisation } from '../../src/ops/quantised/quantisation.js';
import { reach } from '../../src/ops/reach.js';
import { dims4, type Shape, sizeOf, type Tensor } from '../../src/tensor.js';
import { isSame } from './padding.js';
import { isDepthwise } from './tfjs.js';
import { fused, padding, type TfliteModel, type TfliteOperator, type TfliteQuantisation, type TfliteTensor } from './tflitePlain.js';

/*
 * A quantised network of the zoo as a TensorFlow Lite model of int8, with the same scales and integers: ours of 0 to 127 are int8 as they are, wider ones are
 * moved down by 128. TensorFlow Lite has no gate of floats, no SiLU, and no layer that gives floats of integers. So gates are rounded to 8 bits, and the
 * scaled value once more before the residual is added; SiLU is a sigmoid and a product, each rounded; means are rounded to their value's integers before an
 * excitation; and what such a layer gives is rounded to 8 bits of a range that is asked for. Where calibration saw the least number, nothing is below it: int8 has
 * room there that ours has not.
 */

/** What the integers of a gate stand for: 0 to 1, as TensorFlow Lite's sigmoid has them. */
const gateOf: TfliteQuantisation = { scales: [1 / 256], zeroPoints: [-128], axis: 0 };

/** How far a value's int8 lie below our integers. */
const offsetOf = ({ dtype, range }: Quantisation): number => (dtype === 'uint8' && range[1] > 127 ? 128 : 0);

const int8Of = (of: Quantisation): TfliteQuantisation => ({ scales: [of.scale], zeroPoints: [of.zeroPoint - offsetOf(of)], axis: 0 });

/** A ReLU is a range that begins at the zero point. */
const activationOf = ({ zeroPoint, range }: Quantisation): number => (range[0] === zeroPoint ? fused.relu : fused.none);

/** The layers that give floats of integers: a range is asked for of each. */
export const layersOfFloats = ({ nodes }: Graph): readonly NodeId[] =>
  nodes.flatMap((node) => (node.op === 'quantisedLinear' && node.attrs.y === undefined ? [node.id] : []));

/**
 * Outputs are floats: those that are integers are what they stand for.
 *
 * @param reals what the integers of each of `layersOfFloats` are to stand for
 * @throws WeightsError for a missing or misshapen weight; UnsupportedError for what TensorFlow Lite has no operator for
 */
export function tfliteQuantisedModel(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor>,
  reals: ReadonlyMap<NodeId, Quantisation>,
): TfliteModel {
  checkTensors(weights);
  const tensors = new Map<string, TfliteTensor>();
  const operators: TfliteOperator[] = [];
  const values = new Map<NodeId, string>();
  const nodeAt = (id: NodeId | undefined): Node => graph.nodes[id as NodeId] as Node;
  const nameOf = (id: NodeId | undefined): string => values.get(id as NodeId) as string;
  const parameter = (id: NodeId | undefined): Tensor => {
    const node = nodeAt(id);
    if (node.op !== 'param') throw new UnsupportedError(`litert: weights that ${node.op} computes`);
    return parameterOf(weights, node.attrs.name, node.attrs.shape);
  };
  const constant = (name: string, tensor: TfliteTensor): string => {
    tensors.set(name, tensor);
    return name;
  };
  const integers = (...list: readonly number[]): string => constant(`int ${list}`, { shape: [list.length], data: Int32Array.from(list) });
  const emit = (
    output: string,
    { shape, quantisation }: Pick<TfliteTensor, 'shape' | 'quantisation'>,
    op: TfliteOperator['op'],
    inputs: readonly string[],
    options?: TfliteOperator['options'],
  ): string => {
    tensors.set(output, { shape, ...(quantisation && { quantisation }) });
    operators.push({ op, inputs, output, ...(options && { options }) });
    return output;
  };
  const quantisationOf = (name: string): TfliteQuantisation | undefined => (tensors.get(name) as TfliteTensor).quantisation;
  const dequantised = (name: string): string => {
    const real = `${name} real`;
    return tensors.has(real) ? real : emit(real, { shape: (tensors.get(name) as TfliteTensor).shape }, 'DEQUANTIZE', [name]);
  };

  /** The image behind cells of its zero point, or of the least integer. */
  const padded = (x: string, shape: Shape, [top, right, bottom, left]: Box, isLeast = false): string => {
    const [N, C, H, W] = dims4(shape);
    const sides = constant(`sides ${top} ${right} ${bottom} ${left}`, {
      shape: [4, 2],
      data: Int32Array.of(0, 0, top, bottom, left, right, 0, 0),
    });
    const quantisation = quantisationOf(x) as TfliteQuantisation;
    const to = { shape: [N, H + top + bottom, W + left + right, C], quantisation };
    if (!isLeast) return emit(`${x} padded`, to, 'PAD', [x, sides]);
    const least = constant(`${x} least`, { shape: [1], data: Int8Array.of(-128), quantisation });
    return emit(`${x} padded`, to, 'PADV2', [x, sides, least]);
  };
  const framed = (x: string, shape: Shape, kernel: Pair, attrs: Conv2dAttrs): readonly [string, number] => {
    if (Math.max(...attrs.padding) === 0) return [x, padding.valid];
    return isSame(shape, kernel, attrs) ? [x, padding.same] : [padded(x, shape, attrs.padding), padding.valid];
  };

  /** Weights of O outputs along an axis, and their bias. */
  const layer = (
    { id, inputs }: Node<'quantisedConv2d' | 'quantisedLinear'>,
    { scale }: Quantisation,
    shape: Shape,
    data: Int8Array,
    axis: number,
  ): readonly [string, string] => {
    const scales = parameter(inputs[2]).data;
    const O = scales.length;
    const zeroPoints = new Array<number>(O).fill(0);
    const filter = constant(`${id} filter`, { shape, data, quantisation: { scales: [...scales], zeroPoints, axis } });
    const sums = inputs[3] === undefined ? new Int32Array(O) : Int32Array.from(parameter(inputs[3]).data);
    const products = Array.from(scales, (each) => Math.fround(scale * each));
    return [filter, constant(`${id} bias`, { shape: [O], data: sums, quantisation: { scales: products, zeroPoints, axis: 0 } })];
  };

  const convolution = (node: Node<'quantisedConv2d'>, y: Quantisation): string => {
    const { id, inputs, attrs } = node;
    const from = nodeAt(inputs[0]).shape;
    const w = parameter(inputs[1]);
    const [O, , P, Q] = dims4(w.shape);
    const depthwise = isDepthwise(w.shape, attrs);
    const shape = depthwise ? [1, P, Q, O] : [O, P, Q, w.shape[1] as number];
    const [filter, bias] = layer(node, attrs.x, shape, filterOf(w, depthwise), depthwise ? 3 : 0);
    const [x, how] = framed(nameOf(inputs[0]), from, [P, Q], attrs);
    const { stride, dilation } = attrs;
    const to = { shape: nhwc(node.shape), quantisation: int8Of(y) };
    return emit(`${id}`, to, depthwise ? 'DEPTHWISE_CONV_2D' : 'CONV_2D', [x, filter, bias], {
      padding: how,
      strideH: stride[0],
      strideW: stride[1],
      dilationH: dilation[0],
      dilationW: dilation[1],
      fused: activationOf(y),
      ...(depthwise && { multiplier: O / attrs.groups }),
    });
  };

  const linear = (node: Node<'quantisedLinear'>): string => {
    const { id, inputs, attrs } = node;
    const y = attrs.y ?? reals.get(id);
    if (y === undefined) throw new UnsupportedError(`litert has no quantisedLinear that gives floats, and of node ${id} no range is said`);
    const w = parameter(inputs[1]);
    const [O, C] = [w.shape[0] as number, sizeOf(w.shape.slice(1))];
    const operands = [nameOf(inputs[0]), ...layer(node, attrs.x, [O, C], Int8Array.from(w.data), 0)];
    const sums = emit(attrs.y ? `${id}` : `${id} bytes`, { shape: node.shape, quantisation: int8Of(y) }, 'FULLY_CONNECTED', operands, {
      fused: attrs.y ? activationOf(y) : fused.none,
    });
    return attrs.y ? sums : dequantised(sums);
  };

  /** Of an excitation: floats, with the weights that its integers stand for. */
  const scaledLinear = ({ id, inputs, shape }: Node<'scaledLinear'>): string => {
    const [w, scales] = [parameter(inputs[1]), parameter(inputs[2]).data];
    const O = scales.length;
    const each = w.data.length / O;
    const matrix = Float32Array.from(w.data, (q, i) => q * (scales[Math.floor(i / each)] as number));
    const bias = inputs[3] === undefined ? new Float32Array(O) : Float32Array.from(parameter(inputs[3]).data);
    const operands = [
      nameOf(inputs[0]),
      constant(`${id} matrix`, { shape: [O, each], data: matrix }),
      constant(`${id} bias`, { shape: [O], data: bias }),
    ];
    return emit(`${id}`, { shape }, 'FULLY_CONNECTED', operands, { fused: fused.none });
  };

  const mean = (id: NodeId, u: string, shape: Shape, quantisation: TfliteQuantisation): string =>
    emit(`${id} mean`, { shape, quantisation }, 'MEAN', [u, integers(1, 2)], { keepDims: 0 });

  const scaled = ({ id, inputs, shape, attrs }: Node<'quantisedScale'>): string => {
    const { u, residual, y } = attrs;
    const [N, C] = dims4(shape);
    const gate = emit(`${id} gate`, { shape: [N, C], quantisation: gateOf }, 'QUANTIZE', [nameOf(inputs[1])]);
    const plane = emit(`${id} plane`, { shape: [N, 1, 1, C], quantisation: gateOf }, 'RESHAPE', [gate, integers(N, 1, 1, C)]);
    const operands = [nameOf(inputs[0]), plane];
    const to = { shape: nhwc(shape), quantisation: int8Of(y) };
    if (residual === undefined) return emit(`${id}`, to, 'MUL', operands, { fused: activationOf(y) });
    const product = emit(`${id} scaled`, { shape: to.shape, quantisation: int8Of(u) }, 'MUL', operands, { fused: fused.none });
    return emit(`${id}`, to, 'ADD', [product, nameOf(inputs[2])], { fused: activationOf(y) });
  };

  const ofOneValue = ({ id, inputs, shape, attrs: { of, y } }: Node<'quantisedPointwise'>): string => {
    const x = nameOf(inputs[0]);
    const to = { shape: nhwc(shape), quantisation: int8Of(y) };
    switch (of) {
      case 'identity':
        return emit(`${id}`, to, 'QUANTIZE', [x]);
      case 'hardSwish':
        return emit(`${id}`, to, 'HARD_SWISH', [x]);
      case 'silu': {
        const gate = emit(`${id} gate`, { shape: to.shape, quantisation: gateOf }, 'LOGISTIC', [x]);
        return emit(`${id}`, to, 'MUL', [x, gate], { fused: fused.none });
      }
    }
    throw new UnsupportedError(`litert has no table of ${of} as this graph needs it`);
  };

  const maxPool = ({ id, inputs, shape, attrs }: Node<'maxPool2d'>): string => {
    const from = nodeAt(inputs[0]);
    const x = nameOf(inputs[0]);
    const quantisation = quantisationOf(x) as TfliteQuantisation;
    const frame = reach(from.shape, shape, attrs);
    const image = Math.max(...frame) === 0 ? x : padded(x, from.shape, frame, from.integers?.range[0] !== quantisation.zeroPoints[0]);
    return emit(`${id}`, { shape: nhwc(shape), quantisation }, 'MAX_POOL_2D', [image], {
      padding: padding.valid,
      strideH: attrs.stride[0],
      strideW: attrs.stride[1],
      filterH: attrs.kernel[0],
      filterW: attrs.kernel[1],
      fused: fused.none,
    });
  };

  const written = (node: Node): string => {
    const { id, inputs, shape } = node;
    const x = values.get(inputs[0] as NodeId) ?? '';
    switch (node.op) {
      case 'quantise': {
        const quantisation = int8Of(node.attrs.y);
        const from = nodeAt(inputs[0]);
        // a mean of integers is rounded to what reads it
        if (from.op === 'quantisedGlobalAvgPool') return mean(id, nameOf(from.inputs[0]), shape, quantisation);
        return emit(`${id}`, { shape: nhwc(shape), quantisation }, 'QUANTIZE', [x]);
      }
      case 'quantisedConv2d':
        if (node.attrs.y) return convolution(node, node.attrs.y);
        break;
      case 'quantisedLinear':
        return linear(node);
      case 'scaledLinear':
        return scaledLinear(node);
      case 'quantisedAdd': {
        const { y } = node.attrs;
        const operands = inputs.map(nameOf);
        return emit(`${id}`, { shape: nhwc(shape), quantisation: int8Of(y) }, 'ADD', operands, { fused: activationOf(y) });
      }
      case 'quantisedScale':
        return scaled(node);
      case 'quantisedPointwise':
        return ofOneValue(node);
      case 'quantisedGlobalAvgPool':
        return dequantised(mean(id, x, shape, quantisationOf(x) as TfliteQuantisation));
      case 'maxPool2d':
        if (node.integers) return maxPool(node);
        break;
      case 'relu':
        return emit(`${id}`, { shape }, 'RELU', [x]);
      case 'sigmoid':
        return emit(`${id}`, { shape }, 'LOGISTIC', [x]);
      case 'hardSwish':
        return emit(`${id}`, { shape }, 'HARD_SWISH', [x]);
      case 'silu':
        return emit(`${id}`, { shape }, 'MUL', [x, emit(`${id} gate`, { shape }, 'LOGISTIC', [x])], { fused: fused.none });
      case 'hardSigmoid': {
        const [three, sixth] = [3, 1 / 6].map((value) => constant(`float ${value}`, { shape: [1], data: Float32Array.of(value) }));
        const clamped = emit(`${id} clamped`, { shape }, 'ADD', [x, three as string], { fused: fused.relu6 });
        return emit(`${id}`, { shape }, 'MUL', [clamped, sixth as string], { fused: fused.none });
      }
    }
    throw new UnsupportedError(`litert has no ${node.op} as this quantised graph needs it`);
  };

  const asked = new Set(graph.outputs.values());
  const readsMean = (id: NodeId): boolean =>
    asked.has(id) || graph.nodes.some((node) => node.inputs.includes(id) && node.op !== 'quantise');
  for (const node of graph.nodes) {
    if (node.op === 'param' || (node.op === 'quantisedGlobalAvgPool' && !readsMean(node.id))) continue;
    if (node.op === 'input') {
      tensors.set(node.attrs.name, { shape: nhwc(node.shape) });
      values.set(node.id, node.attrs.name);
    } else values.set(node.id, written(node));
  }
  return {
    tensors,
    operators,
    inputs: graph.nodes.filter((node) => node.op === 'input').map(({ attrs }) => attrs.name),
    outputs: [...graph.outputs.values()].map((id) => (nodeAt(id).integers ? dequantised(nameOf(id)) : nameOf(id))),
  };
}

const nhwc = (shape: Shape): Shape => {
  if (shape.length !== 4) return shape;
  const [N, C, H, W] = dims4(shape);
  return [N, H, W, C];
};

/** [O, C/G, P, Q] as [O, P, Q, C/G], or of a depthwise convolution as [1, P, Q, O]. */
function filterOf({ shape, data }: Tensor, depthwise: boolean): Int8Array {
  const [O, C, P, Q] = dims4(shape);
  const filter = new Int8Array(sizeOf(shape));
  for (let o = 0; o < O; o++)
    for (let c = 0; c < C; c++)
      for (let pq = 0; pq < P * Q; pq++)
        filter[depthwise ? pq * O + o : (o * P * Q + pq) * C + c] = data[(o * C + c) * P * Q + pq] as number;
  return filter;
}

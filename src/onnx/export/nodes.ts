import { evaluate, type Interpreter } from '../../graph/evaluate.js';
import type { Graph } from '../../graph/graph.js';
import { adaptiveRange } from '../../ops/adaptiveAvgPool2d.js';
import type { AvgPoolAttrs, Box, InferenceOp, Node, NodeId, PointwiseOp, PoolAttrs, QuantisedAttrs } from '../../ops/op.js';
import { noPadding, padded, reach } from '../../ops/reach.js';
import { nearestCell } from '../../ops/upsampleNearest.js';
import { poolExtent } from '../../ops/window.js';
import type { Shape, Tensor } from '../../tensor.js';
import { importedRules } from './imported.js';
import { markOf, valueNames } from './names.js';
import { type FloatOperators, quantisedRules } from './quantised.js';
import { type OnnxWriter, roiAlign, roiPool } from './regions.js';
import type { WrittenAttribute, WrittenModel, WrittenNode, WrittenOpset, WrittenTensor } from './written.js';

/** A network as ONNX's operators, its weights left out. */
export interface WrittenGraph extends Pick<WrittenModel, 'nodes' | 'inputs' | 'outputs'> {
  /** Numbers that the operators take beside the weights. */
  readonly constants: readonly WrittenTensor[];
}

/**
 * The graph in an operator set. A batch norm's ε becomes a float32 there, and so does a region's scale.
 *
 * @param valuesOf the numbers of a parameter, for constants that are made of it when they are written
 * @throws UnsupportedError for regions that are aligned in an operator set before 16
 */
export function writtenGraph(graph: Graph, opset: WrittenOpset, valuesOf: (parameter: string) => Promise<Tensor>): WrittenGraph {
  const nodes: WrittenNode[] = [];
  const initializers: WrittenTensor[] = [];
  const mark = markOf(graph);
  const names = valueNames(graph, mark);
  const nodeAt = (id: NodeId | undefined): Node => graph.nodes[id as NodeId] as Node;
  const nameOf = (id: NodeId): string => names.get(id) as string;

  const emitAll: OnnxWriter['emitAll'] = (outputs, op, inputs, attributes = {}) => void nodes.push({ op, inputs, outputs, attributes });
  const emit: OnnxWriter['emit'] = (output, op, inputs, attributes) => {
    emitAll([output], op, inputs, attributes);
    return output;
  };
  const initializer = (tensor: WrittenTensor): string => {
    if (!initializers.some(({ name }) => name === tensor.name)) initializers.push(tensor);
    return tensor.name;
  };
  const floats = (name: string, shape: Shape, values: Float32Array): string =>
    initializer({ name, shape, type: 'float', data: new Uint8Array(values.buffer) });
  const constant = (name: string, values: readonly number[]): string =>
    initializer({ name, shape: [values.length], type: 'int64', data: new Uint8Array(BigInt64Array.from(values, BigInt).buffer) });
  const scalar = (value: number): string => floats(`${mark}float ${value}`, [], Float32Array.of(value));
  const writer: OnnxWriter = { opset, mark, emit, emitAll, constant, scalar, initializer };

  const functions: Readonly<Record<PointwiseOp, (output: string, x: string, id: NodeId) => string>> = {
    relu: (output, x) => emit(output, 'Relu', [x]),
    relu6: (output, x) => emit(output, 'Clip', [x, scalar(0), scalar(6)]),
    sigmoid: (output, x) => emit(output, 'Sigmoid', [x]),
    hardSigmoid: (output, x) => emit(output, 'HardSigmoid', [x], sixth),
    hardSwish: (output, x, id) =>
      opset >= 14 ? emit(output, 'HardSwish', [x]) : emit(output, 'Mul', [x, emit(`${mark}${id}.gate`, 'HardSigmoid', [x], sixth)]),
    silu: (output, x, id) => emit(output, 'Mul', [x, emit(`${mark}${id}.gate`, 'Sigmoid', [x])]),
    tanh: (output, x) => emit(output, 'Tanh', [x]),
  };
  const pointwise =
    (of: PointwiseOp) =>
    ([x]: readonly string[], { id }: Node): string =>
      functions[of](nameOf(id), x as string, id);
  const operators: FloatOperators = {
    convAttributes,
    gemm: (output, inputs) => emit(output, 'Gemm', inputs, { transB: 1 }),
    function: (of, ...about) => functions[of](...about),
    scale: (output, u, s, id) => emit(output, 'Mul', [u, emit(`${mark}${id}.plane`, 'Unsqueeze', [s, constant(`${mark}plane`, [2, 3])])]),
    globalAvgPool: (output, x, id) => emit(output, 'Flatten', [emit(`${mark}${id}.mean`, 'GlobalAveragePool', [x])], { axis: 1 }),
  };

  /** T is the name of a value; names of our making start with a mark that no checkpoint's do. */
  const interpreter: Interpreter<string, InferenceOp | keyof QuantisedAttrs> = {
    input: (_, { attrs: { name } }) => name,
    param: (_, { attrs: { name } }) => name,
    conv2d: (inputs, { id, inputs: [, w], attrs }) => emit(nameOf(id), 'Conv', inputs, convAttributes(nodeAt(w).shape, attrs)),
    batchNorm: (inputs, { id, attrs }) => emit(nameOf(id), 'BatchNormalization', inputs, { epsilon: { float: attrs.eps } }),
    linear([x, w, ...bias], { id, inputs }) {
      const matrix = (value: string | undefined, from: number, name: string): string =>
        nodeAt(inputs[from]).shape.length === 2
          ? (value as string)
          : emit(`${mark}${id}.${name}`, 'Flatten', [value as string], { axis: 1 });
      return operators.gemm(nameOf(id), [matrix(x, 0, 'rows'), matrix(w, 1, 'matrix'), ...bias]);
    },
    relu: pointwise('relu'),
    relu6: pointwise('relu6'),
    sigmoid: pointwise('sigmoid'),
    hardSigmoid: pointwise('hardSigmoid'),
    hardSwish: pointwise('hardSwish'),
    silu: pointwise('silu'),
    tanh: pointwise('tanh'),
    softmax: (inputs, { id }) => emit(nameOf(id), 'Softmax', inputs, { axis: 1 }),
    add: (inputs, { id }) => emit(nameOf(id), 'Add', inputs),
    multiply: (inputs, { id }) => emit(nameOf(id), 'Mul', inputs),
    scaleBy: ([x], { id, attrs: { factor } }) => emit(nameOf(id), 'Mul', [x as string, scalar(factor)]),
    scale: ([u, s], { id }) => operators.scale(nameOf(id), u as string, s as string, id),
    concat: (inputs, { id }) => emit(nameOf(id), 'Concat', inputs, { axis: 1 }),
    channelSlice: ([x], { id, attrs: { begin, channels } }) =>
      emit(nameOf(id), 'Slice', [x as string, ...[begin, begin + channels, 1].map((at) => constant(`${mark}at ${at}`, [at]))]),
    channelShuffle([x], { id, shape: [N, C, H, W], attrs: { groups } }) {
      const [n, c, h, w] = [N, C, H, W] as readonly number[] as readonly [number, number, number, number];
      const split = emit(`${mark}${id}.split`, 'Reshape', [x as string, constant(`${mark}${id}.groups`, [n, groups, c / groups, h, w])]);
      const swapped = emit(`${mark}${id}.swapped`, 'Transpose', [split], { perm: [0, 2, 1, 3, 4] });
      return emit(nameOf(id), 'Reshape', [swapped, constant(`${mark}${id}.shape`, [n, c, h, w])]);
    },
    /** Integers have no pool of the whole plane, but a maximum. */
    globalMaxPool: (inputs, { id, integers }) =>
      integers === undefined
        ? emit(nameOf(id), 'Flatten', [emit(`${mark}${id}.largest`, 'GlobalMaxPool', inputs)], { axis: 1 })
        : opset >= 18
          ? emit(nameOf(id), 'ReduceMax', [...inputs, constant(`${mark}plane`, [2, 3])], { keepdims: 0 })
          : emit(nameOf(id), 'ReduceMax', inputs, { axes: [2, 3], keepdims: 0 }),
    globalAvgPool: ([x], { id }) => operators.globalAvgPool(nameOf(id), x as string, id),
    maxPool2d: (inputs, node) =>
      emit(nameOf(node.id), 'MaxPool', inputs, pool(node.attrs, reach(nodeAt(node.inputs[0]).shape, node.shape, node.attrs))),
    avgPool2d: (inputs, node) => averagePool(inputs, node),
    /** ONNX has none: what each window shares out, as a matrix on either side of the plane. */
    adaptiveAvgPool2d([x], { id, inputs: [from], attrs: { output } }) {
      const [, , H, W] = nodeAt(from).shape as readonly [number, number, number, number];
      const rows = floats(`${mark}${id}.rows`, [output[0], H], shares(output[0], H, 'row-major'));
      const columns = floats(`${mark}${id}.columns`, [W, output[1]], shares(output[1], W, 'column-major'));
      return emit(nameOf(id), 'MatMul', [emit(`${mark}${id}.down`, 'MatMul', [rows, x as string]), columns]);
    },
    /** Resize divides by a scale in float32, which leads to a neighbour now and then (onnxruntime 1.30): cells by their indices instead. */
    upsampleNearest([x], { id, inputs: [from], attrs: { output } }) {
      const [, , H, W] = nodeAt(from).shape as readonly [number, number, number, number];
      const cells = (part: string, count: number, extent: number): string =>
        constant(
          `${mark}${id}.${part}`,
          Array.from({ length: count }, (_, i) => nearestCell(i, count, extent)),
        );
      const down = emit(`${mark}${id}.down`, 'Gather', [x as string, cells('rows', output[0], H)], { axis: 2 });
      return emit(nameOf(id), 'Gather', [down, cells('columns', output[1], W)], { axis: 3 });
    },
    ...quantisedRules(writer, operators, { nameOf, nodeAt, nodes: graph.nodes, valuesOf }),
    ...importedRules(writer, { nameOf, shapeAt: (id) => nodeAt(id).shape, floats }),
    roiAlign: (inputs, { id, shape, attrs }) => roiAlign(writer, nameOf(id), inputs, shape, attrs),
    roiPool: (inputs, { id, shape, attrs }) => roiPool(writer, nameOf(id), inputs, shape, attrs),
  };

  /**
   * ONNX divides by the cells inside the image (count_include_pad 0), or by P·Q. The latter is `window` unless a ceil-mode window
   * hangs over the padded plane; there, the image is padded first, and is then what the cells are inside of.
   */
  const averagePool = (inputs: readonly string[], { id, shape, inputs: [from], attrs }: Node<'avgPool2d'>): string => {
    const x = nodeAt(from).shape;
    if (attrs.divisor === 'inside')
      return emit(nameOf(id), 'AveragePool', inputs, { ...pool(attrs, reach(x, shape, attrs)), count_include_pad: 0 });
    if (([0, 1] as const).every((axis) => poolExtent(x[2 + axis] as number, { ...attrs, rounding: 'floor' }, axis) === shape[2 + axis]))
      return emit(nameOf(id), 'AveragePool', inputs, { ...pool(attrs, attrs.padding), count_include_pad: 1 });
    const [top, right, bottom, left] = attrs.padding;
    const image = emit(`${mark}${id}.padded`, 'Pad', [...inputs, constant(`${mark}${id}.pads`, [0, 0, top, left, 0, 0, bottom, right])]);
    const bare: AvgPoolAttrs = { ...attrs, padding: noPadding };
    return emit(nameOf(id), 'AveragePool', [image], { ...pool(bare, reach(padded(x, attrs.padding), shape, bare)), count_include_pad: 0 });
  };

  // a value that is two outputs, or an input, gets the other name too
  for (const [name, value] of evaluate(graph, interpreter)) if (value !== name) emit(name, 'Identity', [value]);
  return {
    nodes,
    constants: initializers,
    inputs: graph.nodes.filter((node) => node.op === 'input').map(({ attrs: { name, shape } }) => ({ name, shape, type: 'float' })),
    outputs: [...graph.outputs].map(([name, id]) => ({ name, shape: nodeAt(id).shape, type: nodeAt(id).integers?.dtype ?? 'float' })),
  };
}

/** hardSigmoid in ONNX's terms: max(0, min(1, αx + β)). */
const sixth = { alpha: { float: 1 / 6 }, beta: { float: 0.5 } } as const;

/** The matrix by which `extent` cells become `count` means. */
function shares(count: number, extent: number, order: 'row-major' | 'column-major'): Float32Array {
  const matrix = new Float32Array(count * extent);
  for (let i = 0; i < count; i++) {
    const [from, to] = adaptiveRange(i, count, extent);
    for (let cell = from; cell < to; cell++) matrix[order === 'row-major' ? i * extent + cell : cell * count + i] = 1 / (to - from);
  }
  return matrix;
}

const convAttributes: FloatOperators['convAttributes'] = (filter, { stride, padding, dilation, groups }) => ({
  kernel_shape: filter.slice(2),
  strides: stride,
  pads: pads(padding),
  dilations: dilation,
  group: groups,
});

/** ONNX lists what lies before every axis, and then what lies after. */
const pads = ([top, right, bottom, left]: Box): readonly number[] => [top, left, bottom, right];

const pool = ({ kernel, stride }: PoolAttrs, padding: Box): Readonly<Record<string, WrittenAttribute>> => ({
  kernel_shape: kernel,
  strides: stride,
  pads: pads(padding),
});

import { evaluate, type Interpreter, parameterOf } from '../src/graph/evaluate.js';
import type { Graph } from '../src/graph/graph.js';
import type { AvgPoolAttrs, Box, Node, NodeId, PoolAttrs } from '../src/ops/op.js';
import { poolExtent } from '../src/ops/window.js';
import type { Tensor } from '../src/tensor.js';
import { float32, need } from './contender.js';
import type { OnnxAttribute, OnnxModel, OnnxNode, OnnxTensor } from './onnxProto.js';
import { noPadding, padded, reach } from './padding.js';

/** What the ONNX contender needs: the engine, and the writer of its file format. */
export const ortPackages = 'onnxruntime-web@1 @bufbuild/protobuf@2';

/**
 * The graph and its weights as an ONNX file (ModelProto, operator set 13), outputs named as the graph's.
 * A batch norm's ε becomes a float32 there.
 *
 * @throws WeightsError for a missing or misshapen weight; UnsupportedError if the package that writes protocol buffers is missing.
 */
export async function toOnnx(graph: Graph, weights: ReadonlyMap<string, Tensor>): Promise<Uint8Array<ArrayBuffer>> {
  const { encodeOnnx } = await need('ort', ortPackages, () => import('./onnxProto.js'));
  return encodeOnnx(onnxModel(graph, weights));
}

/** The same as plain data. */
export function onnxModel(graph: Graph, weights: ReadonlyMap<string, Tensor>): OnnxModel {
  const nodes: OnnxNode[] = [];
  const initializers: OnnxTensor[] = [];
  const nodeAt = (id: NodeId | undefined): Node => graph.nodes[id as NodeId] as Node;

  const emit = (
    output: string,
    op: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string => {
    nodes.push({ op, inputs, output, attributes });
    return output;
  };
  const constant = (name: string, values: readonly number[]): string => {
    if (!initializers.some((known) => known.name === name))
      initializers.push({ name, shape: [values.length], data: BigInt64Array.from(values, BigInt) });
    return name;
  };

  /** T is the name of a value; names of our making start with %, which no checkpoint's do. */
  const interpreter: Interpreter<string> = {
    input: (_, { attrs: { name } }) => name,
    param(_, { attrs: { name, shape } }) {
      initializers.push({ name, shape, data: float32(parameterOf(weights, name, shape).data) });
      return name;
    },
    conv2d: (inputs, { id, inputs: [, w], attrs }) =>
      emit(`%${id}`, 'Conv', inputs, {
        kernel_shape: nodeAt(w).shape.slice(2),
        strides: attrs.stride,
        pads: pads(attrs.padding),
        dilations: attrs.dilation,
        group: attrs.groups,
      }),
    batchNorm: (inputs, { id, attrs }) => emit(`%${id}`, 'BatchNormalization', inputs, { epsilon: { float: attrs.eps } }),
    linear([x, w, ...bias], { id, inputs }) {
      const matrix = nodeAt(inputs[1]).shape.length === 2 ? (w as string) : emit(`%${id}.matrix`, 'Flatten', [w as string], { axis: 1 });
      return emit(`%${id}`, 'Gemm', [x as string, matrix, ...bias], { transB: 1 });
    },
    relu: (inputs, { id }) => emit(`%${id}`, 'Relu', inputs),
    sigmoid: (inputs, { id }) => emit(`%${id}`, 'Sigmoid', inputs),
    softmax: (inputs, { id }) => emit(`%${id}`, 'Softmax', inputs, { axis: 1 }),
    add: (inputs, { id }) => emit(`%${id}`, 'Add', inputs),
    scale: ([u, s], { id }) =>
      emit(`%${id}`, 'Mul', [u as string, emit(`%${id}.plane`, 'Unsqueeze', [s as string, constant('%plane', [2, 3])])]),
    concat: (inputs, { id }) => emit(`%${id}`, 'Concat', inputs, { axis: 1 }),
    globalAvgPool: (inputs, { id }) => emit(`%${id}`, 'Flatten', [emit(`%${id}.mean`, 'GlobalAveragePool', inputs)], { axis: 1 }),
    maxPool2d: (inputs, node) =>
      emit(`%${node.id}`, 'MaxPool', inputs, pool(node.attrs, reach(nodeAt(node.inputs[0]).shape, node.shape, node.attrs))),
    avgPool2d: (inputs, node) => averagePool(inputs, node),
  };

  /**
   * ONNX divides by the cells inside the image (count_include_pad 0), or by P·Q. The latter is `window` unless a ceil-mode window
   * hangs over the padded plane; there, the image is padded first, and is then what the cells are inside of.
   */
  const averagePool = (inputs: readonly string[], { id, shape, inputs: [from], attrs }: Node<'avgPool2d'>): string => {
    const x = nodeAt(from).shape;
    if (attrs.divisor === 'inside')
      return emit(`%${id}`, 'AveragePool', inputs, { ...pool(attrs, reach(x, shape, attrs)), count_include_pad: 0 });
    if (([0, 1] as const).every((axis) => poolExtent(x[2 + axis] as number, { ...attrs, rounding: 'floor' }, axis) === shape[2 + axis]))
      return emit(`%${id}`, 'AveragePool', inputs, { ...pool(attrs, attrs.padding), count_include_pad: 1 });
    const [top, right, bottom, left] = attrs.padding;
    const image = emit(`%${id}.padded`, 'Pad', [...inputs, constant(`%${id}.pads`, [0, 0, top, left, 0, 0, bottom, right])]);
    const bare: AvgPoolAttrs = { ...attrs, padding: noPadding };
    return emit(`%${id}`, 'AveragePool', [image], { ...pool(bare, reach(padded(x, attrs.padding), shape, bare)), count_include_pad: 0 });
  };

  const outputs = [...evaluate(graph, interpreter)].map(([name, value]) => emit(name, 'Identity', [value]));
  return {
    nodes,
    initializers,
    inputs: graph.nodes.filter((node) => node.op === 'input').map(({ attrs: { name, shape } }) => ({ name, shape })),
    outputs: outputs.map((name) => ({ name, shape: nodeAt(graph.outputs.get(name)).shape })),
  };
}

/** ONNX lists what lies before every axis, and then what lies after. */
const pads = ([top, right, bottom, left]: Box): readonly number[] => [top, left, bottom, right];

const pool = ({ kernel, stride }: PoolAttrs, padding: Box): Readonly<Record<string, OnnxAttribute>> => ({
  kernel_shape: kernel,
  strides: stride,
  pads: pads(padding),
});

import { UnsupportedError } from '../../src/errors.js';
import { checkTensors, parameterOf } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { adaptiveRange } from '../../src/ops/adaptiveAvgPool2d.js';
import type { Box, Conv2dAttrs, Node, NodeId, Pair, PoolAttrs } from '../../src/ops/op.js';
import { reach } from '../../src/ops/reach.js';
import { nearestCell } from '../../src/ops/upsampleNearest.js';
import { divisorExtent } from '../../src/ops/window.js';
import { foldNorm, type Norm } from '../../src/plan/fold.js';
import { dims4, type Shape, sizeOf, type Tensor } from '../../src/tensor.js';
import { isSame } from './padding.js';
import { isDepthwise } from './tfjs.js';
import { tfjsCalls } from './tfjsCalls.js';
import { fused, padding, type TfliteModel, type TfliteOperator, type TfliteTensor } from './tflitePlain.js';

/**
 * The graph and its weights as a TensorFlow Lite model, as a converter would write it: NHWC, batch norm folded into the weights, bias and ReLU fused into convolutions,
 * paddings that are TensorFlow's `same` called so, and others explicit.
 *
 * @throws WeightsError for a missing or misshapen weight; UnsupportedError for what TensorFlow Lite has no operator for.
 */
export function tfliteModel(graph: Graph, weights: ReadonlyMap<string, Tensor>): TfliteModel {
  checkTensors(weights);
  const tensors = new Map<string, TfliteTensor>();
  const operators: TfliteOperator[] = [];
  const values = new Map<NodeId, string>();
  const nodeAt = (id: NodeId | undefined): Node => graph.nodes[id as NodeId] as Node;
  const parameter = (id: NodeId | undefined): Tensor => {
    const node = nodeAt(id);
    if (node.op !== 'param') throw new UnsupportedError(`litert: weights that ${node.op} computes`);
    return parameterOf(weights, node.attrs.name, node.attrs.shape);
  };

  const constant = (name: string, shape: Shape, data: Float32Array | Int32Array): string => {
    tensors.set(name, { shape, data });
    return name;
  };
  const scalar = (value: number): string => constant(`float ${value}`, [1], Float32Array.of(value));
  const integers = (...list: readonly number[]): string => constant(`int ${list}`, [list.length], Int32Array.from(list));
  const emit = (
    output: string,
    shape: Shape,
    op: TfliteOperator['op'],
    inputs: readonly string[],
    options?: TfliteOperator['options'],
  ): string => {
    tensors.set(output, { shape });
    operators.push({ op, inputs, output, ...(options && { options }) });
    return output;
  };
  const reshape = (name: string, shape: Shape, x: string): string => emit(name, shape, 'RESHAPE', [x, integers(...shape)]);

  /** The image behind its own zeros; `value` where zeros would be seen. */
  const pad = (x: string, shape: Shape, [top, right, bottom, left]: Box, value = 0): string => {
    const [N, C, H, W] = dims4(shape);
    const sides = constant(`sides ${top} ${right} ${bottom} ${left}`, [4, 2], Int32Array.of(0, 0, top, bottom, left, right, 0, 0));
    const grown = [N, H + top + bottom, W + left + right, C];
    return value === 0
      ? emit(`${x} padded`, grown, 'PAD', [x, sides])
      : emit(`${x} padded ${value}`, grown, 'PADV2', [x, sides, scalar(value)]);
  };

  const convolution = (nodes: readonly [Node<'conv2d'>, ...Node[]], output: string, activation: number): string => {
    const [{ inputs, attrs, shape }] = nodes;
    const x = nodeAt(inputs[0]).shape;
    const w = parameter(inputs[1]);
    const [O, , P, Q] = dims4(w.shape);
    const { factor, shift } = foldNorm(O, normOf(nodes, parameter), inputs[2] === undefined ? undefined : parameter(inputs[2]));
    const depthwise = isDepthwise(w.shape, attrs);
    const filter = constant(`${output} filter`, depthwise ? [1, P, Q, O] : [O, P, Q, w.shape[1] as number], filterOf(w, factor, depthwise));
    const bias = constant(`${output} bias`, [O], Float32Array.from(shift));
    const [image, how] = framed(values.get(inputs[0] as NodeId) as string, x, [P, Q], attrs);
    const { stride, dilation } = attrs;
    return emit(output, nhwc(shape), depthwise ? 'DEPTHWISE_CONV_2D' : 'CONV_2D', [image, filter, bias], {
      padding: how,
      strideH: stride[0],
      strideW: stride[1],
      dilationH: dilation[0],
      dilationW: dilation[1],
      fused: activation,
      ...(depthwise && { multiplier: O / attrs.groups }),
    });
  };
  const framed = (image: string, x: Shape, kernel: Pair, attrs: Conv2dAttrs): readonly [string, number] => {
    if (Math.max(...attrs.padding) === 0) return [image, padding.valid];
    return isSame(x, kernel, attrs) ? [image, padding.same] : [pad(image, x, attrs.padding), padding.valid];
  };

  const linear = ({ inputs, shape }: Node<'linear'>, output: string, activation: number): string => {
    const [N, C, H = 1, W = 1] = nodeAt(inputs[0]).shape as readonly number[] as readonly [number, number, number?, number?];
    const [O] = shape.slice(1) as [number];
    const w = parameter(inputs[1]);
    const flat = values.get(inputs[0] as NodeId) as string;
    const x = H * W === 1 ? flat : reshape(`${output} rows`, [N, H * W * C], flat);
    const ordered = filterOf({ shape: [O, C, H, W], data: w.data }, new Float64Array(O).fill(1), false);
    const matrix = constant(`${output} matrix`, [O, H * W * C], ordered);
    const bias = constant(
      `${output} bias`,
      [O],
      inputs[2] === undefined ? new Float32Array(O) : Float32Array.from(parameter(inputs[2]).data),
    );
    return emit(output, shape, 'FULLY_CONNECTED', [x, matrix, bias], { fused: activation });
  };

  const pool = (
    op: 'MAX_POOL_2D' | 'AVERAGE_POOL_2D',
    image: string,
    node: Node,
    { kernel, stride }: PoolAttrs,
    how: number,
    output = `${node.id}`,
  ): string =>
    emit(output, nhwc(node.shape), op, [image], {
      padding: how,
      strideH: stride[0],
      strideW: stride[1],
      filterH: kernel[0],
      filterW: kernel[1],
      fused: fused.none,
    });

  /** Of what is not below 0 a frame of zeros is as good as one of −∞. */
  const maxPool = (node: Node<'maxPool2d'>, x: string): string => {
    const from = nodeAt(node.inputs[0]);
    const frame = reach(from.shape, node.shape, node.attrs);
    const floor = from.op === 'relu' || from.op === 'relu6' ? 0 : Number.NEGATIVE_INFINITY;
    return pool('MAX_POOL_2D', Math.max(...frame) === 0 ? x : pad(x, from.shape, frame, floor), node, node.attrs, padding.valid);
  };

  /** Over an image in zeros every mean divides by all cells of the window; where fewer count, a factor per cell makes up for it. */
  const averagePool = (node: Node<'avgPool2d'>, x: string): string => {
    const from = nodeAt(node.inputs[0]).shape;
    const { kernel, padding: sides, divisor } = node.attrs;
    const frame = reach(from, node.shape, node.attrs);
    if (Math.max(...frame) === 0) return pool('AVERAGE_POOL_2D', x, node, node.attrs, padding.valid);
    const [, , I, J] = dims4(node.shape);
    const factors = Float32Array.from({ length: I * J }, (_, cell) => {
      const [i, j] = [Math.floor(cell / J), cell % J];
      return (
        (kernel[0] * kernel[1]) / (divisorExtent(i, from[2] as number, node.attrs, 0) * divisorExtent(j, from[3] as number, node.attrs, 1))
      );
    });
    const whole = factors.every((factor) => factor === 1);
    const image = pad(x, from, frame);
    const mean = pool('AVERAGE_POOL_2D', image, node, node.attrs, padding.valid, whole ? `${node.id}` : `${node.id} mean`);
    if (whole) return mean;
    const name = `${node.id} factors of ${divisor} ${sides}`;
    return emit(`${node.id}`, nhwc(node.shape), 'MUL', [mean, constant(name, [1, I, J, 1], factors)]);
  };

  /** What each window shares out, as a matrix from all cells of a plane to all of its means. */
  const adaptivePool = (node: Node<'adaptiveAvgPool2d'>, x: string): string => {
    const [N, C, H, W] = dims4(nodeAt(node.inputs[0]).shape);
    const [I, J] = node.attrs.output;
    const shares = new Float32Array(I * J * H * W);
    for (let i = 0; i < I; i++)
      for (let j = 0; j < J; j++) {
        const [top, bottom] = adaptiveRange(i, I, H);
        const [left, right] = adaptiveRange(j, J, W);
        for (let h = top; h < bottom; h++)
          for (let w = left; w < right; w++) shares[((i * J + j) * H + h) * W + w] = 1 / ((bottom - top) * (right - left));
      }
    const name = (part: string): string => `${node.id} ${part}`;
    const planes = emit(name('planes'), [N, C, H, W], 'TRANSPOSE', [x, integers(0, 3, 1, 2)]);
    const rows = reshape(name('rows'), [N * C, H * W], planes);
    const operands = [rows, constant(name('shares'), [I * J, H * W], shares), constant(name('none'), [I * J], new Float32Array(I * J))];
    const means = reshape(name('means'), [N, C, I, J], emit(name('products'), [N * C, I * J], 'FULLY_CONNECTED', operands, { fused: 0 }));
    return emit(`${node.id}`, nhwc(node.shape), 'TRANSPOSE', [means, integers(0, 2, 3, 1)]);
  };

  const interpreted = (node: Node, output: string): string => {
    const [x = '', y = ''] = node.inputs.map((id) => values.get(id) as string);
    const shape = nhwc(node.shape);
    const source = nodeAt(node.inputs[0]).shape;
    switch (node.op) {
      case 'batchNorm': {
        const [C] = source.slice(1) as [number];
        const { factor, shift } = foldNorm(C, normOf([node], parameter), undefined);
        const scaled = emit(`${output} scaled`, shape, 'MUL', [x, constant(`${output} factor`, [C], Float32Array.from(factor))]);
        return emit(output, shape, 'ADD', [scaled, constant(`${output} shift`, [C], Float32Array.from(shift))]);
      }
      case 'relu':
        return emit(output, shape, 'RELU', [x]);
      case 'relu6':
        return emit(output, shape, 'RELU6', [x]);
      case 'sigmoid':
        return emit(output, shape, 'LOGISTIC', [x]);
      case 'tanh':
        return emit(output, shape, 'TANH', [x]);
      case 'hardSwish':
        return emit(output, shape, 'HARD_SWISH', [x]);
      case 'hardSigmoid':
        return emit(output, shape, 'MUL', [emit(`${output} clamped`, shape, 'ADD', [x, scalar(3)], { fused: fused.relu6 }), scalar(1 / 6)]);
      case 'silu':
        return emit(output, shape, 'MUL', [x, emit(`${output} gate`, shape, 'LOGISTIC', [x])]);
      case 'softmax':
        return emit(output, shape, 'SOFTMAX', [x], { beta: 1 });
      case 'add':
        return emit(output, shape, 'ADD', [x, y]);
      case 'multiply':
        return emit(output, shape, 'MUL', [x, y]);
      case 'scaleBy':
        return emit(output, shape, 'MUL', [x, scalar(node.attrs.factor)]);
      case 'scale': {
        const [N, C] = source as readonly [number, number];
        return emit(output, shape, 'MUL', [x, reshape(`${output} gate`, [N, 1, 1, C], y)]);
      }
      case 'concat':
        return emit(
          output,
          shape,
          'CONCATENATION',
          node.inputs.map((id) => values.get(id) as string),
          { axis: shape.length - 1 },
        );
      case 'globalAvgPool':
        return emit(output, shape, 'MEAN', [x, integers(1, 2)], { keepDims: 0 });
      case 'globalMaxPool':
        return emit(output, shape, 'REDUCE_MAX', [x, integers(1, 2)], { keepDims: 0 });
      case 'maxPool2d':
        return maxPool(node, x);
      case 'avgPool2d':
        return averagePool(node, x);
      case 'channelShuffle': {
        const [N, C, H, W] = dims4(source);
        const { groups } = node.attrs;
        const split = reshape(`${output} split`, [N, H, W, groups, C / groups], x);
        const swapped = emit(`${output} swapped`, [N, H, W, C / groups, groups], 'TRANSPOSE', [split, integers(0, 1, 2, 4, 3)]);
        return reshape(output, shape, swapped);
      }
      case 'adaptiveAvgPool2d':
        return adaptivePool(node, x);
      case 'upsampleNearest': {
        const [N, C, H, W] = dims4(source);
        const [I, J] = node.attrs.output;
        const cells = (count: number, extent: number): string =>
          integers(...Array.from({ length: count }, (_, i) => nearestCell(i, count, extent)));
        const down = emit(`${output} down`, [N, I, W, C], 'GATHER', [x, cells(I, H)], { axis: 1 });
        return emit(output, shape, 'GATHER', [down, cells(J, W)], { axis: 2 });
      }
    }
    throw new UnsupportedError(`litert has no ${node.op} as this graph needs it`);
  };

  for (const node of graph.nodes) {
    if (node.op !== 'input') continue;
    tensors.set(node.attrs.name, { shape: nhwc(node.shape) });
    values.set(node.id, node.attrs.name);
  }
  for (const { nodes } of tfjsCalls(graph)) {
    const [anchor, ...riders] = nodes;
    const last = nodes.at(-1) as Node;
    const output = `${last.id}`;
    const activation = last.op === 'relu' ? fused.relu : last.op === 'relu6' ? fused.relu6 : fused.none;
    if (anchor.op === 'conv2d') convolution(nodes as readonly [Node<'conv2d'>, ...Node[]], output, activation);
    else if (anchor.op === 'linear') {
      const gate = last.op === 'sigmoid';
      const y = linear(anchor, gate ? `${output} sum` : output, activation);
      if (gate) emit(output, last.shape, 'LOGISTIC', [y]);
    } else if (riders.length === 0) interpreted(anchor, output);
    values.set(last.id, output);
  }
  return {
    tensors,
    operators,
    inputs: graph.nodes.filter((node) => node.op === 'input').map(({ attrs }) => attrs.name),
    outputs: [...graph.outputs.values()].map((id) => values.get(id) as string),
  };
}

const nhwc = (shape: Shape): Shape => {
  if (shape.length !== 4) return shape;
  const [N, C, H, W] = dims4(shape);
  return [N, H, W, C];
};

/** [O, C/G, P, Q], each output times its factor, as [O, P, Q, C/G], or of a depthwise convolution as [1, P, Q, O]. */
function filterOf({ shape, data }: Tensor, factor: Float64Array, depthwise: boolean): Float32Array {
  const [O, C, P, Q] = dims4(shape);
  const filter = new Float32Array(sizeOf(shape));
  for (let o = 0; o < O; o++)
    for (let c = 0; c < C; c++)
      for (let pq = 0; pq < P * Q; pq++) {
        const value = (data[(o * C + c) * P * Q + pq] as number) * (factor[o] as number);
        filter[depthwise ? pq * O + o : (o * P * Q + pq) * C + c] = value;
      }
  return filter;
}

function normOf(nodes: readonly Node[], parameter: (id: NodeId | undefined) => Tensor): Norm | undefined {
  const node = nodes.find((one) => one.op === 'batchNorm');
  if (node === undefined) return undefined;
  const [, gamma, beta, mean, variance] = node.inputs;
  return { gamma: parameter(gamma), beta: parameter(beta), mean: parameter(mean), variance: parameter(variance), eps: node.attrs.eps };
}

import { WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import { parameterOf } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import type { Node, NodeId } from '../ops/op.js';
import { foldNorm } from '../plan/fold.js';
import { halfToEven, type Tensor } from '../tensor.js';
import { apartName, biasName, type Quantised, type QuantisedLayer, scaleName } from './graph.js';

/** Of integers that stand for weights: symmetric, and without −128, so that a weight and its negative are as exact. */
const most = 127;

/**
 * The tensors of a quantised network. Batch norm is folded first, in float64; then the weights of an output channel share a scale, that of the largest; biases
 * are int32 in units of the products.
 *
 * @throws WeightsError for a missing tensor, or one that is not finite
 */
export function quantisedWeights(
  float: Graph,
  { graph, layers }: Quantised,
  weights: ReadonlyMap<string, Tensor>,
  apart = false,
): ReadonlyMap<string, Tensor> {
  const made = new Map<string, Tensor>();
  for (const layer of layers)
    for (const [name, tensor] of quantisedLayer(float, layer, weights)) made.set(apart ? apartName(name) : name, tensor);
  return new Map(parameters(graph).map(({ name, shape }) => [name, made.get(name) ?? parameterOf(weights, name, shape)]));
}

/**
 * The float network's tensors with the weights that its quantised self has: each is what its integer stands for, batch norm taken out of it again. Biases stay
 * as they are: the unit of their integers is a weight's quantum times a value's.
 *
 * @throws WeightsError for a missing tensor, or one that is not finite
 */
export function roundedWeights(float: Graph, { layers }: Quantised, weights: ReadonlyMap<string, Tensor>): ReadonlyMap<string, Tensor> {
  const rounded = new Map(weights);
  for (const layer of layers) {
    const { shape, integers, scales, factor } = integersOf(float, layer, weights);
    const { data } = weights.get(layer.weight) as Tensor;
    const each = data.length / layer.outputs;
    const worth = integers.map((integer, i) => {
      const o = Math.floor(i / each);
      // a channel that batch norm multiplies by 0 has no integers
      return factor[o] === 0 ? (data[i] as number) : (integer * (scales[o] as number)) / (factor[o] as number);
    });
    rounded.set(layer.weight, { shape, data: worth });
  }
  return rounded;
}

function quantisedLayer(float: Graph, layer: QuantisedLayer, weights: ReadonlyMap<string, Tensor>): readonly (readonly [string, Tensor])[] {
  const { name, weight, bias, norm, x, outputs } = layer;
  const { shape, integers, scales, shift } = integersOf(float, layer, weights);
  const tensors: (readonly [string, Tensor])[] = [
    [weight, { shape, data: integers }],
    [scaleName(weight), { shape: [outputs], data: scales }],
  ];
  if (x === undefined || (bias === undefined && norm === undefined)) return tensors;
  const sums = shift.map((value, o) => halfToEven(value / (x.scale * (scales[o] as number))));
  return [...tensors, [bias ?? biasName(name), { shape: [outputs], data: sums }]];
}

/** A layer's weights as integers with a scale per output, and the batch norm that they have in them. */
function integersOf({ nodes }: Graph, { weight, bias, norm, x, outputs }: QuantisedLayer, weights: ReadonlyMap<string, Tensor>) {
  const found = (parameter: string): Tensor => {
    const tensor = weights.get(parameter);
    if (tensor === undefined) throw new WeightsError(`tensor ${parameter} is missing`, { tensor: parameter });
    return tensor;
  };
  const operand = (i: number): Tensor => found((nodes[(norm as Node).inputs[i] as NodeId] as Node<'param'>).attrs.name);
  const vectors = norm && { gamma: operand(1), beta: operand(2), mean: operand(3), variance: operand(4), eps: norm.attrs.eps };
  const { factor, shift } = foldNorm(outputs, vectors, bias === undefined ? undefined : found(bias));
  const { shape, data } = found(weight);
  const each = data.length / outputs;
  const integers = new Float32Array(data.length);
  const scales = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    let largest = 0;
    for (let i = o * each; i < (o + 1) * each; i++) largest = Math.max(largest, Math.abs((data[i] as number) * (factor[o] as number)));
    if (!Number.isFinite(largest + (shift[o] as number)))
      throw new WeightsError(`tensor ${weight}: output channel ${o} is not finite`, { tensor: weight });
    const scale = scaleFor(largest, x === undefined ? 0 : Math.abs(shift[o] as number) / x.scale);
    scales[o] = scale;
    for (let i = o * each; i < (o + 1) * each; i++) {
      const rounded = halfToEven(((data[i] as number) * (factor[o] as number)) / scale);
      integers[i] = Math.min(Math.max(rounded, -most), most);
    }
  }
  return { shape, integers, scales, factor, shift };
}

/** The scale of a channel: that of its largest weight, but so large that its bias, in units of x's scale, takes no more than half of int32. */
function scaleFor(largest: number, bias: number): number {
  return Math.max(Math.fround(largest / most), Math.fround(bias / 2 ** 30), 2 ** -60);
}

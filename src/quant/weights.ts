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

function quantisedLayer(
  { nodes }: Graph,
  { name, weight, bias, norm, x, outputs }: QuantisedLayer,
  weights: ReadonlyMap<string, Tensor>,
): readonly (readonly [string, Tensor])[] {
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
  const sums = new Float64Array(outputs);
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
    if (x !== undefined) sums[o] = halfToEven((shift[o] as number) / (x.scale * scale));
  }
  const tensors: (readonly [string, Tensor])[] = [
    [weight, { shape, data: integers }],
    [scaleName(weight), { shape: [outputs], data: scales }],
  ];
  if (x !== undefined && (bias !== undefined || norm)) tensors.push([bias ?? biasName(name), { shape: [outputs], data: sums }]);
  return tensors;
}

/** The scale of a channel: that of its largest weight, but so large that its bias, in units of x's scale, takes no more than half of int32. */
function scaleFor(largest: number, bias: number): number {
  return Math.max(Math.fround(largest / most), Math.fround(bias / 2 ** 30), 2 ** -60);
}

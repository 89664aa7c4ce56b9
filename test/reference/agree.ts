import { expect } from 'vitest';
import { evaluate, type Interpreter, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { mostTaps } from '../../src/ops/resample.js';
import { map, type Shape, sizeOf, type Tensor, widen } from '../../src/tensor.js';

/** float32's unit roundoff, and its smallest subnormal. */
const u = 2 ** -24;
const tiny = 2 ** -149;

const longest = (paths: readonly number[]): number => Math.max(0, ...paths);
const products = (shapes: readonly Shape[]): number => sizeOf((shapes[1] as Shape).slice(1));

/**
 * The roundings along the longest path to each output: one a product or sum, and what the WebNN conformance suite allows
 * (of tanh, as of the functions there that are powers, 16) where an op is not a sum of products. A folded batch norm rounds less than the six of one that is not.
 */
export function roundings(graph: Graph): ReadonlyMap<string, number> {
  const shapes = (inputs: readonly number[]): readonly Shape[] => inputs.map((id) => graph.nodes[id]?.shape ?? []);
  const interpreter: Interpreter<number> = {
    input: () => 0,
    param: () => 0,
    conv2d: (x, node) => longest(x) + products(shapes(node.inputs)) + 1,
    linear: (x, node) => longest(x) + products(shapes(node.inputs)) + 1,
    batchNorm: (x) => longest(x) + 6,
    relu: longest,
    relu6: longest,
    maxPool2d: longest,
    globalMaxPool: longest,
    concat: longest,
    channelShuffle: longest,
    channelSlice: longest,
    upsampleNearest: longest,
    roiPool: longest,
    roiAlign: (x, { attrs: { samplingRatio } }) => longest(x) + 4 * samplingRatio ** 2 + 2,
    rearrange: longest,
    apply: (x) => longest(x) + 16,
    combine: (x) => longest(x) + 16,
    reduce: (x, node) => longest(x) + sizeOf(shapes(node.inputs)[0] as Shape) + 2,
    matMul: (x, node) => longest(x) + ((shapes(node.inputs)[0] as Shape)[3] as number) + 1,
    resample: (x, { attrs: { rows, columns } }) => longest(x) + mostTaps(rows) * mostTaps(columns) + 4,
    convTranspose2d: (x, node) => longest(x) + products(shapes(node.inputs)) * ((shapes(node.inputs)[1] as Shape)[0] as number) + 1,
    add: (x) => longest(x) + 1,
    multiply: (x) => longest(x) + 1,
    scale: (x) => longest(x) + 1,
    scaleBy: (x) => longest(x) + 2,
    sigmoid: (x) => longest(x) + 34,
    hardSigmoid: (x) => longest(x) + 2,
    hardSwish: (x) => longest(x) + 4,
    silu: (x) => longest(x) + 35,
    tanh: (x) => longest(x) + 16,
    softmax: (x, node) => longest(x) + 3 * (node.shape[1] as number) + 3,
    globalAvgPool: (x, node) => longest(x) + sizeOf((shapes(node.inputs)[0] as Shape).slice(2)) + 2,
    avgPool2d: (x, node) => longest(x) + node.attrs.kernel[0] * node.attrs.kernel[1] + 2,
    adaptiveAvgPool2d: (x, node) => longest(x) + sizeOf((shapes(node.inputs)[0] as Shape).slice(2)) + 2,
  };
  return evaluate(graph, interpreter);
}

/** The reference in float64 throughout, whose own error does not matter. */
export function exactly(graph: Graph, weights: ReadonlyMap<string, Tensor>, image: Tensor): ReadonlyMap<string, Tensor> {
  const wide = new Map([...weights].map(([name, tensor]) => [name, widen(tensor)]));
  return evaluate(graph, reference(wide, { input: widen(image) }));
}

/** What each output's terms sum to in absolute value, for a graph that only sums, multiplies by weights and takes maxima. */
export function magnitudes(graph: Graph, weights: ReadonlyMap<string, Tensor>, image: Tensor): ReadonlyMap<string, Tensor> {
  return exactly(graph, new Map([...weights].map(([name, tensor]) => [name, map(tensor, Math.abs)])), map(image, Math.abs));
}

/**
 * Expects every output within γₙ of the reference (Higham 2002, §3.1), n its roundings, relative to `scale`: by value where that is
 * known, and to the output's largest value else. Returns the largest error that was found, in units of u times the scale.
 */
export function expectAgreement(
  graph: Graph,
  actual: ReadonlyMap<string, Tensor>,
  expected: ReadonlyMap<string, Tensor>,
  scale?: ReadonlyMap<string, Tensor>,
): number {
  expect([...actual.keys()]).toEqual([...expected.keys()]);
  let worst = 0;
  for (const [name, n] of roundings(graph)) {
    const [a, b] = [actual.get(name) as Tensor, expected.get(name) as Tensor];
    expect(a.shape, name).toEqual(b.shape);
    let largest = 0;
    for (const value of b.data) largest = Math.max(largest, Math.abs(value));
    const gamma = (n * u) / (1 - n * u);
    b.data.forEach((value: number, i: number) => {
      const size = scale?.get(name)?.data[i] ?? largest;
      const error = Math.abs((a.data[i] as number) - value);
      if (!(error <= gamma * size + n * tiny)) expect.fail(`${name}[${i}] is ${a.data[i]}, not ${value}: ${error} > γ(${n}) · ${size}`);
      if (size > 0) worst = Math.max(worst, error / (u * size));
    });
  }
  return worst;
}

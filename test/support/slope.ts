import { expect } from 'vitest';
import { evaluate, type Inputs, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { sizeOf, type Tensor } from '../../src/tensor.js';
import { seeded } from './arbitraries.js';

/** Gradients against central differences, in float64. */

export type Values = ReadonlyMap<string, Tensor>;

/** Σ a·b over the names of a. */
export const dot = (a: Values, b: Values): number =>
  [...a].reduce((sum, [name, { data }]) => [...data].reduce((part, value, i) => part + value * (b.get(name)?.data[i] as number), sum), 0);

export const count = (values: Values): number => [...values.values()].reduce((sum, { shape }) => sum + sizeOf(shape), 0);

export const lossAt = (graph: Graph, point: Values, inputs: Inputs): number =>
  evaluate(graph, reference(point, inputs)).get('loss')?.data[0] as number;

/** point + step · direction, which may lack some of point's tensors. */
function moved(point: Values, direction: Values, step: number): Values {
  const sums = [...direction].map(([name, along]) => {
    const { shape, data } = point.get(name) as Tensor;
    return [name, { shape, data: Float64Array.from(data, (value, i) => value + step * (along.data[i] as number)) }] as const;
  });
  return new Map([...point, ...sums]);
}

/**
 * Fails unless a graph of `grad` has the slope along a direction, drawn from the seed over all trainable parameters, that a central difference
 * finds. No kink may be nearer than 1/128, and values, factors of products and the number of factors in one be small.
 */
export function expectSlope(graph: Graph, point: Values, inputs: Inputs, seed: number): void {
  const gradient = evaluate(graph, reference(point, inputs));
  const trained = graph.nodes.flatMap((node) => (node.op === 'param' && node.attrs.trainable ? [node.attrs] : []));
  const direction = new Map(trained.map(({ name, shape }, i) => [name, seeded(shape, seed + i)]));
  const slope = (step: number): number =>
    (lossAt(graph, moved(point, direction, step), inputs) - lossAt(graph, moved(point, direction, -step), inputs)) / (2 * step);

  // The error of a central difference is a·h² + b·h⁴ + …: a step twice as long shows three times the first term, and more. What is left is
  // rounding: of at most n sums of at most n terms.
  const h = 2 ** -8;
  const truncation = Math.abs(slope(2 * h) - slope(h));
  const rounding = ((count(point) + 8) ** 2 * Number.EPSILON) / h;
  expect(Math.abs(slope(h) - dot(direction, gradient))).toBeLessThanOrEqual(truncation + rounding);
}

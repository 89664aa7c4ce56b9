import { expect } from 'vitest';
import { evaluate, reference } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { graphOfOnnx, readOnnx } from '../../src/onnx/index.js';
import { type Tensor, tensor, widen } from '../../src/tensor.js';
import { type OnnxParts, onnxFile } from '../support/files/onnx.js';

/** 1, 2, 3, … in a shape, or what `value` makes of them. */
export const counting = (shape: readonly number[], value = (i: number): number => i + 1): Tensor =>
  tensor(
    shape,
    Float64Array.from({ length: shape.reduce((size, extent) => size * extent, 1) }, (_, i) => value(i)),
  );

/** What the reference computes of a file of these parts, in float64. */
export async function run(parts: OnnxParts, input: Tensor): Promise<readonly number[]> {
  const { graph, weights, outputName } = graphOfOnnx(await readOnnx(onnxFile(parts)), { input: input.shape });
  const wide = new Map([...weights].map(([name, value]) => [name, widen(value)]));
  const shape = graph.nodes[0]?.shape ?? input.shape; // of other ranks than two and four the graph's own
  return [...(evaluate(graph, reference(wide, { input: { ...input, shape } })).get(outputName) as Tensor).data];
}

/** The network of a file of these parts. */
export async function imported(parts: OnnxParts, input: readonly number[], gates = true): Promise<Graph> {
  return graphOfOnnx(await readOnnx(onnxFile(parts)), { input, gates }).graph;
}

/** The shape that the output has in the file. */
export const outputShape = async (parts: OnnxParts, input: readonly number[]): Promise<readonly number[] | undefined> =>
  graphOfOnnx(await readOnnx(onnxFile(parts)), { input }).outputShapes.get('y');

export const opsOf = ({ nodes }: Graph): readonly string[] => nodes.map(({ op }) => op).filter((op) => op !== 'input' && op !== 'param');

/** Numbers that were worked out by hand, to six digits behind the point. */
export function close(found: readonly number[], expected: readonly number[]): void {
  expect(found.length).toBe(expected.length);
  for (const [i, value] of expected.entries()) expect(found[i]).toBeCloseTo(value, 6);
}

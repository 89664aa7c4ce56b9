import type { Graph } from '../../graph/graph.js';
import type { ReadableTensor, Tensor } from '../../tensor.js';
import type { ToOnnxOptions } from './toOnnx.js';

/** What writes files is loaded when one is written: who only reads them does not load it. */

/**
 * A network and its weights as an ONNX file. Outputs are named as the graph's, other values as the modules that return them.
 *
 * @throws WeightsError for a missing or misshapen weight, or one that is more than float16 holds; UnsupportedError for an op that the operator set cannot
 * express; InputError for options that are none; PlanError and ShapeError for what is no graph.
 */
export async function toOnnx(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor | ReadableTensor>,
  options: ToOnnxOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  return (await import('./toOnnx.js')).toOnnx(graph, weights, options);
}

/** The same in pieces, one behind the other: weights of an open file are read one at a time, so that the file never is in memory. @throws as `toOnnx` */
export async function* onnxPieces(
  graph: Graph,
  weights: ReadonlyMap<string, Tensor | ReadableTensor>,
  options: ToOnnxOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* (await import('./toOnnx.js')).onnxPieces(graph, weights, options);
}

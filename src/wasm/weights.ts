import { WeightsError } from '../errors.js';
import { parameters } from '../graph/count.js';
import { checkTensors, parameterOf } from '../graph/evaluate.js';
import type { Graph } from '../graph/graph.js';
import { nearest } from '../graph/nearest.js';
import type { BlobLike, Source } from '../io/source.js';
import { isReadable, isShape, type ReadableTensor, type Shape, sameShape, type Tensor } from '../tensor.js';

/**
 * A network's weights by name: in memory, or of a file that is open (`identify(checkpoint).stored`), which are read as they are packed, so that no more than
 * one large tensor is held beside the packed ones.
 */
export type Weights = ReadonlyMap<string, Tensor | ReadableTensor>;

/** Packed weights, as `Session.save` gives them: a file's bytes, or what reads them. */
export type PackedFile = Uint8Array | ArrayBuffer | BlobLike | Source;

/**
 * Names and shapes; values are looked at when they are packed.
 *
 * @throws WeightsError naming the first tensor that is missing, misshapen, not filled by its values, or that the graph does not have.
 */
export function checkWeights(graph: Graph, weights: Weights): void {
  checkTensors(weights as ReadonlyMap<string, Tensor>);
  const known = new Set<string>();
  for (const { name, shape } of parameters(graph)) {
    known.add(name);
    const given = weights.get(name);
    if (isReadable(given)) checkShape(name, shape, given.shape);
    else parameterOf(weights as ReadonlyMap<string, Tensor>, name, shape);
  }
  for (const [name, extra] of weights)
    if (!known.has(name))
      throw new WeightsError(`tensor ${name} is not one of the network's${nearest(String(name), [...known])}`, {
        tensor: name,
        shapes: isShape(extra?.shape) ? { found: extra.shape } : {},
      });
}

/** @throws WeightsError for another shape than the network's */
function checkShape(name: string, expected: Shape, found: Shape): void {
  if (!sameShape(found, expected))
    throw new WeightsError(`tensor ${name} has another shape`, { tensor: name, shapes: { expected, found } });
}

/**
 * @param infinities whether these may be among the values: an operand of an imported network's arithmetic has −Infinity where a mask is
 * @throws WeightsError for a value that is not finite in float32
 */
export function checkFinite(name: string, { data, shape }: Tensor, infinities = false): void {
  const at = infinities ? data.findIndex((value) => !(Math.abs(value) < overflow || Math.abs(value) === Infinity)) : firstNotFinite(data);
  if (at < 0) return;
  const beyond = Number.isFinite(data[at]) ? ', more than float32 holds' : '';
  throw new WeightsError(`tensor ${name} holds ${data[at]} at index ${at}${beyond}`, { tensor: name, shapes: { shape } });
}

/** What was read. @throws WeightsError if it does not fill the shape that the file gave it */
export const filled = (name: string, found: Tensor, shape: Shape): Tensor => parameterOf(new Map([[name, found]]), name, shape);

/** The least number that float32 rounds to infinity. */
const overflow = 2 ** 128 - 2 ** 103;

/** A loop: `findIndex` with its call a value is felt on millions of weights. */
function firstNotFinite(data: Float32Array | Float64Array): number {
  for (let i = 0; i < data.length; i++) if (!(Math.abs(data[i] as number) < overflow)) return i;
  return -1;
}

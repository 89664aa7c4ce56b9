import { crc32 } from '../io/crc32.js';
import { syntheticTensor, syntheticWeights } from '../io/synthetic.js';
import type { Tensor } from '../tensor.js';
import { compile } from '../wasm/session.js';
import { vectorGraph } from './judge.js';
import type { Vector } from './vector.js';

/** A short name for the bits of a result: the CRC-32 of its bytes, in hexadecimal. */
export const bitsOf = ({ buffer, byteOffset, byteLength }: Float32Array): string =>
  crc32(new Uint8Array(buffer, byteOffset, byteLength))
    .toString(16)
    .padStart(8, '0');

/** The outputs of a vector's network by strict kernels with direct algorithms, whose bits are the same on every engine. */
export async function strictOutputs(vector: Vector): Promise<ReadonlyMap<string, Tensor>> {
  const graph = vectorGraph(vector);
  // the bits do not depend on the tile; with one given, none is timed
  const session = await compile(graph, syntheticWeights(graph, vector), { kernels: 'strict', algorithms: 'direct', tile: '4x8' });
  try {
    return await session.runAsync(syntheticTensor('input', vector.input, vector.seed));
  } finally {
    session.dispose();
  }
}

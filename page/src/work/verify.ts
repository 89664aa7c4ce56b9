import { compile, syntheticTensor, syntheticWeights } from 'senet';
import { crc32 } from '#senet/io/crc32.js';
import { judge, vectorGraph } from '#senet/verify/judge.js';
import { conformanceLimits, parseVector, type Vector } from '#senet/verify/vector.js';
import resnet from '../../../assets/conformance/resnet-50.json?url';
import seResnet from '../../../assets/conformance/se-resnet-50.json?url';
import seResnext from '../../../assets/conformance/se-resnext-50.json?url';
import type { Verified } from './jobs.js';
import recorded from './recorded.json';

const vectors = [resnet, seResnet, seResnext];

/** Runs the vectors that ship, PyTorch's float64 outputs of published networks, with strict kernels. */
export async function* verified(progress: (text: string) => void): AsyncGenerator<Verified> {
  for (const url of vectors) {
    const vector = parseVector(await (await fetch(url)).json());
    progress(`${vector.id}: making its weights and running it`);
    yield await verify(vector);
  }
}

export async function verify(vector: Vector): Promise<Verified> {
  const graph = vectorGraph(vector);
  // a tile of its own, so that nothing is timed; the order of sums is the same for all
  const session = await compile(graph, syntheticWeights(graph, vector), { kernels: 'strict', algorithms: 'direct', tile: '4x8' });
  const outputs = await session.runAsync(syntheticTensor('input', vector.input, vector.seed));
  session.dispose();
  const { data } = outputs.get('logits') as { data: Float32Array };
  const expected = (recorded as Readonly<Record<string, string>>)[vector.id];
  const limit = conformanceLimits.direct;
  return { ...judge(vector, graph, outputs, limit), limit, sameBits: expected === undefined ? undefined : expected === bitsOf(data) };
}

/** A short name of the bits of a result: CRC-32, in hexadecimal. */
export const bitsOf = (data: Float32Array): string =>
  crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .toString(16)
    .padStart(8, '0');

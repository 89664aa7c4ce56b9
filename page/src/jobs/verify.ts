import { bitsOf, strictOutputs } from '#senet/verify/bits.js';
import { judge, vectorGraph } from '#senet/verify/judge.js';
import { conformanceLimits, parseVector, type Vector } from '#senet/verify/vector.js';
import resnet from '../../../assets/conformance/resnet-50.json?url';
import seResnet from '../../../assets/conformance/se-resnet-50.json?url';
import seResnext from '../../../assets/conformance/se-resnext-50.json?url';
import type { Verified } from './job.js';
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

async function verify(vector: Vector): Promise<Verified> {
  const outputs = await strictOutputs(vector);
  const limit = conformanceLimits.direct;
  const expected = (recorded as Readonly<Record<string, string>>)[vector.id];
  const sameBits = expected === undefined ? undefined : expected === bitsOf(outputs.get('logits')?.data as Float32Array);
  return { ...judge(vector, vectorGraph(vector), outputs, limit), limit, sameBits };
}

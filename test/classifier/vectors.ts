import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Network } from '../../src/classifier/network.js';
import { syntheticTensor, syntheticWeights } from '../../src/io/synthetic.js';
import { createModel } from '../../src/models/index.js';
import { type Tensor, tensor } from '../../src/tensor.js';
import { parseTta, type TtaFile, type TtaNet } from '../../src/verify/views/ttaFile.js';

/** The vectors of test/fixtures/tta: views by torchvision, and probabilities in float64. */
export const vectorsPath = fileURLToPath(new URL('../fixtures/tta/tta.json', import.meta.url));

export const readVectors = async (): Promise<TtaFile> => parseTta(JSON.parse(await readFile(vectorsPath, 'utf8')));

/** A file of the project, by its path. */
export const projectFile = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));

/** A network of the vectors, with its weights, for images of `size` pixels. */
export function networkOf({ nets, seed, mean, std }: TtaFile, name: string, size: number): Network<ReadonlyMap<string, Tensor>> {
  const { id, classes, gain, head, headGain, headBias } = nets.get(name) as TtaNet;
  const weights = new Map(syntheticWeights(createModel(id, { classes }), { seed, gain }));
  const { shape } = weights.get(`${head}.weight`) as Tensor;
  weights.set(`${head}.weight`, syntheticTensor(`${head}.weight`, shape, seed, headGain));
  weights.set(`${head}.bias`, tensor([classes], headBias));
  return {
    name,
    id,
    options: {},
    file: name,
    takenFrom: '',
    weights,
    classes,
    preset: { size, cropRatio: 1, filter: 'bilinear', mean, std },
    labels: undefined,
    published: undefined,
    notes: [],
  };
}

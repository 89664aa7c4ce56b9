import { naming } from '../errors.js';
import { type BuildOptions, type MeasuredNetwork, zooNetwork } from '../measure/network.js';
import type { OnnxGraph, OnnxModel } from '../onnx/index.js';
import { readOnnxFile } from './onnxFile.js';

/** A network that a command is given: one of the zoo by its name, or an ONNX file. */
export interface GivenNetwork extends MeasuredNetwork {
  /** What the file holds, if it is one. */
  readonly onnx?: OnnxModel;
}

export const isOnnx = (name: string): boolean => /\.onnx$/i.test(name);

/** @throws InputError for a name that no network has, or a file that cannot be read; errors of `readOnnx` and `graphOfOnnx` with the file's name in front */
export const givenNetwork = async (name: string): Promise<GivenNetwork> => (isOnnx(name) ? givenFile(name) : zooNetwork(name));

async function givenFile(file: string): Promise<GivenNetwork> {
  const onnx = await readOnnxFile(file);
  const { graphOfOnnx, imageShape } = await import('../onnx/index.js');
  const made = ({ se = true, ...sizes }: BuildOptions): OnnxGraph =>
    naming(file, () => graphOfOnnx(onnx, { input: imageShape(onnx, sizes), se }));
  const { graph, gates } = made({});
  const [, , height = 1, width = 1] = graph.nodes[0]?.shape ?? [];
  return {
    name: file,
    se: gates.size > 0,
    size: [height, width],
    build(options = {}) {
      const { graph, weights } = made(options);
      return { graph, weights: () => weights };
    },
    onnx,
  };
}

import { naming } from '../errors.js';
import { type BuildOptions, type MeasuredNetwork, zooNetwork } from '../measure/network.js';
import type { OnnxGraph } from '../onnx/index.js';
import { readOnnxFile } from './onnxFile.js';

export const isOnnx = (name: string): boolean => /\.onnx$/i.test(name);

/**
 * A network that a command is given: one of the zoo by its name, or an ONNX file.
 *
 * @throws InputError for a name that no network has, or a file that cannot be read; errors of `readOnnxFile` and `graphOfOnnx` with the file's name in front
 */
export const givenNetwork = async (name: string): Promise<MeasuredNetwork> => (isOnnx(name) ? givenFile(name) : zooNetwork(name));

async function givenFile(file: string): Promise<MeasuredNetwork> {
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
  };
}

import { InputError, naming } from '../errors.js';
import { type BuildOptions, type MeasuredNetwork, zooNetwork } from '../measure/network.js';
import { createModel, findModel } from '../models/index.js';
import type { OnnxGraph } from '../onnx/index.js';
import { readOnnxFile } from './onnxFile.js';
import { loadWeightsFile } from './weightsFile.js';

export const isOnnx = (name: string): boolean => /\.onnx$/i.test(name);

/** Whether a name is that of a file of weights: no network's ends as one. */
const isWeights = (name: string): boolean => /\.(safetensors|pth|pt|ckpt|pkl|bin|zip|npy|npz|gguf|caffemodel|h5|keras|json)$/i.test(name);

/**
 * A network that a command is given: one of the zoo by its name, on drawn weights; a file of weights; or an ONNX file.
 *
 * @throws InputError for a name that no network has, or a file that cannot be read; errors of `readOnnxFile` and `graphOfOnnx` with the file's name in front; those of
 * `loadWeightsFile`
 */
export const givenNetwork = async (name: string): Promise<MeasuredNetwork> =>
  isOnnx(name) ? givenFile(name) : isWeights(name) ? givenWeights(name) : zooNetwork(name);

async function givenWeights(file: string): Promise<MeasuredNetwork> {
  const { model, options, classes, weights } = await loadWeightsFile(file);
  const { se, size } = findModel(model);
  return {
    name: file,
    se: se && options.se !== false,
    size: [size, size],
    build({ batch = 1, size: sides, se: gated = true } = {}) {
      if (!gated && options.quantised)
        throw new InputError(`${file}: expected a float network to leave the gates out of: integers stand for what they make`);
      const graph = createModel(model, { ...options, classes, batch, ...(sides && { size: sides }), ...(!gated && { se: false }) });
      return { graph, weights: () => weights };
    },
  };
}

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

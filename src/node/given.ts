import { underName } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import { syntheticWeights } from '../io/synthetic.js';
import { createModel, findModel } from '../models/index.js';
import type { OnnxGraph, OnnxModel } from '../onnx/index.js';
import type { Tensor } from '../tensor.js';
import { synthetic } from '../verify/vector.js';
import { readBytes } from './files.js';

/** A network that a command is given: one of the zoo by its name, or an ONNX file. */
export interface GivenNetwork {
  /** `source/name`, or the file. */
  readonly name: string;
  /** Whether it has gates. */
  readonly se: boolean;
  /** Of its image, where nothing else is asked for. */
  readonly size: readonly [height: number, width: number];
  /** `seresnet50`'s generator makes weights; a file has its own. */
  build(options?: GivenOptions): GivenGraph;
  /** What the file holds, if it is one. */
  readonly onnx?: OnnxModel;
}

export interface GivenOptions {
  readonly batch?: number | undefined;
  readonly size?: readonly [height: number, width: number] | undefined;
  /** `false` leaves the gates out. @defaultValue true */
  readonly se?: boolean;
}

export interface GivenGraph {
  readonly graph: Graph;
  /** Made when they are asked for: a plan needs none. */
  weights(): ReadonlyMap<string, Tensor>;
}

export const isOnnx = (name: string): boolean => /\.onnx$/i.test(name);

/** @throws InputError for a name that no network has, or a file that cannot be read; errors of `readOnnx` and `graphOfOnnx` with the file's name in front */
export async function givenNetwork(name: string): Promise<GivenNetwork> {
  if (isOnnx(name)) return givenFile(name);
  const { id, size, se } = findModel(name);
  return {
    name: id,
    se,
    size: [size, size],
    build(options = {}) {
      const graph = createModel(id, { ...(options.se !== undefined && { se: options.se }), ...sizes(options) });
      return { graph, weights: () => syntheticWeights(graph, synthetic) };
    },
  };
}

const sizes = ({ batch, size }: GivenOptions) => ({ ...(batch !== undefined && { batch }), ...(size && { size }) });

/** An ONNX file as it is. @throws InputError if it cannot be read; errors of `readOnnx` with its name in front */
export async function openOnnx(file: string): Promise<OnnxModel> {
  const bytes = await readBytes(file);
  const { readOnnx } = await import('../onnx/index.js');
  return readOnnx(bytes).catch((error: unknown) => {
    throw underName(file, error);
  });
}

async function givenFile(file: string): Promise<GivenNetwork> {
  const onnx = await openOnnx(file);
  const { graphOfOnnx, imageShape } = await import('../onnx/index.js');
  const made = (options: GivenOptions): OnnxGraph => {
    try {
      return graphOfOnnx(onnx, { input: imageShape(onnx, options), se: options.se ?? true });
    } catch (error) {
      throw underName(file, error);
    }
  };
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

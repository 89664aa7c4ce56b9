import { UnsupportedError } from '../../src/errors.js';
import { inputOf } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import type { Tensor } from '../../src/tensor.js';
import { type Contender, type ContenderOptions, float32, imageOf, need, threadsOf } from './contender.js';
import { ortPackages, toOnnx } from './onnx.js';

/**
 * The graph on onnxruntime-web's WebAssembly back end, every graph optimisation on.
 * The number of threads is global to the process: the first session decides it.
 *
 * @throws UnsupportedError if the package is missing, or cannot have as many threads; InputError for threads that are no number; WeightsError for a
 * missing or misshapen weight.
 */
export async function compileOrt(graph: Graph, weights: ReadonlyMap<string, Tensor>, options: ContenderOptions = {}): Promise<Contender> {
  const threads = threadsOf(options);
  const image = imageOf(graph);
  const ort = await need('ort', ortPackages, () => import('onnxruntime-web'));
  const before = ort.env.wasm.numThreads;
  if (before !== undefined && before !== threads)
    throw new UnsupportedError(`ort already runs on ${before} threads; for ${threads}, start another process`);
  const file = await toOnnx(graph, weights);
  ort.env.wasm.numThreads = threads;
  const session = await ort.InferenceSession.create(file, { executionProviders: ['wasm'], graphOptimizationLevel: 'all' }).catch(
    (cause) => {
      throw new UnsupportedError(`ort ${ort.env.versions.web} does not run this graph (${cause})`, { cause });
    },
  );
  if (ort.env.wasm.numThreads !== threads)
    throw new UnsupportedError(`ort runs on ${ort.env.wasm.numThreads} threads here, not ${threads}: no shared memory`);

  return {
    engine: 'ort',
    version: ort.env.versions.web ?? ort.env.versions.common,
    threads,
    composed: false,
    async run(pixels) {
      const { data, shape } = inputOf(pixels, image.attrs.name, image.shape);
      const results = await session.run({ [image.attrs.name]: new ort.Tensor('float32', float32(data), shape) });
      return new Map(
        [...graph.outputs.keys()].map((name) => {
          const result = results[name];
          if (!(result?.data instanceof Float32Array)) throw new UnsupportedError(`ort: output ${name} is not float32`);
          return [name, { shape: [...result.dims], data: result.data }];
        }),
      );
    },
    dispose: () => session.release(),
  };
}

import { UnsupportedError } from '../../src/errors.js';
import type { RunInput } from '../../src/graph/evaluate.js';
import type { Graph } from '../../src/graph/graph.js';
import { toOnnx } from '../../src/onnx/index.js';
import type { Tensor } from '../../src/tensor.js';
import { type Contender, type ContenderOptions, float32, need, portsOf, tensorsOf, threadsOf } from './contender.js';

/** What the ONNX contender needs. */
export const ortPackages = 'onnxruntime-web@1';

/** A graph on onnxruntime-web, of any number of inputs. */
export interface OrtSession {
  readonly version: string;
  /** @throws ShapeError if an input is missing or has another shape; InputError if it is no tensor of floats, or they do not fill its shape */
  run(inputs: RunInput): Promise<ReadonlyMap<string, Tensor>>;
  dispose(): Promise<void>;
}

/**
 * The graph on onnxruntime-web's WebAssembly back end, every graph optimisation on.
 * The number of threads is global to the process: the first session decides it.
 *
 * @throws UnsupportedError if the package is missing, or cannot have as many threads; WeightsError for a missing or misshapen weight.
 */
export async function openOrt(graph: Graph, weights: ReadonlyMap<string, Tensor>, threads: number): Promise<OrtSession> {
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
  const ports = portsOf(graph);

  return {
    version: ort.env.versions.web ?? ort.env.versions.common,
    async run(inputs) {
      const feeds = Object.entries(tensorsOf(ports, inputs)).map(
        ([name, { data, shape }]) => [name, new ort.Tensor('float32', float32(data), shape)] as const,
      );
      const results = await session.run(Object.fromEntries(feeds));
      return new Map(
        [...graph.outputs.keys()].map((name) => {
          const result = results[name];
          const { data } = result ?? {};
          if (!(data instanceof Float32Array || data instanceof Uint8Array || data instanceof Int8Array))
            throw new UnsupportedError(`ort: output ${name} is neither float32 nor of 8-bit integers`);
          return [name, { shape: [...(result as NonNullable<typeof result>).dims], data: float32(data) }];
        }),
      );
    },
    dispose: () => session.release(),
  };
}

/**
 * The graph on onnxruntime-web: see `openOrt`.
 *
 * @throws UnsupportedError if the package is missing, or cannot have as many threads; InputError for threads that are no number; WeightsError for a
 * missing or misshapen weight.
 */
export async function compileOrt(graph: Graph, weights: ReadonlyMap<string, Tensor>, options: ContenderOptions = {}): Promise<Contender> {
  const threads = threadsOf(options);
  return { engine: 'ort', threads, composed: false, ...(await openOrt(graph, weights, threads)) };
}

import plain from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url';
import simd from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url';
import threaded from '@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-threaded-simd.wasm?url';
import { bench, type EngineTiming } from '#senet/measure/bench.js';
import { type Peers, presentBuilds } from '#senet/measure/engines.js';
import { version } from '../../../package.json';
import type { Job } from './job.js';

/** Where TensorFlow.js finds its kernels, by the names that it has for them. */
const wasmPaths = {
  'tfjs-backend-wasm.wasm': plain,
  'tfjs-backend-wasm-simd.wasm': simd,
  'tfjs-backend-wasm-threaded-simd.wasm': threaded,
};

/** Times networks with their gates and without, in the newest of our kernels that run here and in TensorFlow.js, round by round in turns. One thread. */
export async function* timed(
  { models, rounds, tfjs }: Extract<Job, { kind: 'bench' }>,
  progress: (text: string) => void,
): AsyncGenerator<readonly EngineTiming[]> {
  for (const id of models)
    yield await bench(id, {
      batch: 1,
      threads: [1],
      builds: presentBuilds().slice(-1),
      algorithms: ['fast'],
      against: tfjs ? ['tfjs'] : [],
      peers,
      rounds,
      withoutSe: true,
      truthOf: async () => undefined,
      progress,
      version,
    });
}

async function peers(): Promise<Peers> {
  const engines = await import('senet/engines'); // for those who ask
  return { ...engines, compileTfjs: (graph, weights, options) => engines.compileTfjs(graph, weights, { ...options, wasmPaths }) };
}

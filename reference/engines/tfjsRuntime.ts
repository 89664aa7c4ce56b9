import { UnsupportedError } from '../../src/errors.js';
import { type ContenderOptions, need, threadsOf } from './contender.js';
import type { Tfjs } from './tfjs.js';

export interface TfjsOptions extends ContenderOptions {
  /**
   * Folder that serves the back end's .wasm files, with its final slash, or each file's place by its name.
   *
   * @defaultValue in Node, that of the installed package
   */
  readonly wasmPaths?: string | Readonly<Record<string, string>>;
}

/**
 * TensorFlow.js with its WebAssembly back end (XNNPACK) set and ready. The back end is global to the process, and so are its threads.
 *
 * @throws InputError for threads that are no number; UnsupportedError if a package is missing, the back end does not start, or it cannot have as many threads.
 */
export async function loadTfjs(options: TfjsOptions = {}): Promise<Tfjs> {
  const threads = threadsOf(options);
  const inNode = typeof process !== 'undefined' && process.versions?.node !== undefined;
  if (inNode && threads > 1)
    throw new UnsupportedError(`tfjs runs on one thread under Node, not ${threads}: its workers are blob URLs, which Node does not load`);

  const { tf, wasm } = await need('tfjs', '@tensorflow/tfjs-core@4 @tensorflow/tfjs-backend-wasm@4', async () => ({
    tf: await import('@tensorflow/tfjs-core'),
    wasm: await import('@tensorflow/tfjs-backend-wasm'),
  }));
  if (tf.getBackend() !== 'wasm') {
    const folder = options.wasmPaths ?? (inNode ? await installedFolder() : undefined);
    if (folder !== undefined) wasm.setWasmPaths(folder);
    // one thread needs no worker; and tfjs makes its worker of a function's text, which a bundler that renames breaks
    if (threads === 1) tf.env().set('WASM_HAS_MULTITHREAD_SUPPORT', false);
    wasm.setThreadsCount(threads);
    if (!(await tf.setBackend('wasm'))) throw new UnsupportedError('the WebAssembly back end of tfjs does not start');
    await tf.ready();
  }
  if (wasm.getThreadsCount() !== threads)
    throw new UnsupportedError(`tfjs has ${wasm.getThreadsCount()} threads in this process, not ${threads}`);
  return tf;
}

async function installedFolder(): Promise<string> {
  const { createRequire } = await import('node:module');
  const { dirname } = await import('node:path');
  return `${dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm'))}/`;
}

/**
 * TensorFlow.js whole, with its gradients, which the core alone lacks, on one of its back ends for CPUs.
 *
 * @throws UnsupportedError as `loadTfjs`
 */
export async function loadTfjsForTraining(backend: 'cpu' | 'wasm'): Promise<Tfjs> {
  const { default: tf } = await need('tfjs', '@tensorflow/tfjs@4 @tensorflow/tfjs-backend-wasm@4', () => import('@tensorflow/tfjs'));
  if (backend === 'wasm') await loadTfjs();
  else if (!(await tf.setBackend('cpu'))) throw new UnsupportedError('the cpu back end of tfjs does not start');
  return tf as unknown as Tfjs;
}

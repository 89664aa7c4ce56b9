import { createRequire } from 'node:module';
import { need } from '../engines/contender.js';
import type { DawnStart } from './dawn.js';
import { type GpuBackend, openBackend } from './gpuBackend.js';
import { firstLine } from './gpuEngine.js';
import type { GpuCase } from './gpuMessage.js';

/** The process of `dawn.ts`: it says how it started, then answers each case with its outputs. It ends with its parent. */

const packages = 'webgpu @tensorflow/tfjs-core@4 @tensorflow/tfjs-backend-webgpu@4';

/** TensorFlow.js on Dawn's first adapter; undefined if there is none. */
async function open(): Promise<GpuBackend | undefined> {
  const { create, globals } = await need('tfjs', packages, () => import('webgpu'));
  const gpu = create([]);
  // What the back end looks for when it is loaded, as in a browser.
  Object.assign(globalThis, globals);
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true });
  if ((await gpu.requestAdapter({ powerPreference: 'high-performance' })) === null) return undefined;
  return await need('tfjs', packages, async () => {
    const tf = await import('@tensorflow/tfjs-core');
    await import('@tensorflow/tfjs-backend-webgpu');
    return tf;
  }).then((tf) => openBackend(tf, 'webgpu'));
}

const send = (message: unknown): void => {
  process.send?.(message);
};

process.once('disconnect', () => process.exit());
try {
  const backend = await open();
  if (backend === undefined) send({ noAdapter: true } satisfies DawnStart);
  else {
    const { version } = createRequire(import.meta.url)('webgpu/package.json') as { readonly version: string };
    process.on('message', async (gpuCase) => send(await backend.run(gpuCase as GpuCase)));
    send({ facts: backend.facts, runtime: `Node ${process.versions.node}, Dawn (webgpu ${version})` } satisfies DawnStart);
  }
} catch (error) {
  send({ unsupported: firstLine(error) } satisfies DawnStart);
}

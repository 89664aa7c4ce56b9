import { gpuInChromium } from './browserGpu.js';
import { webgpuInNode } from './dawn.js';
import type { GpuEngine } from './gpuEngine.js';

export { gpuInChromium } from './browserGpu.js';
export { webgpuInNode } from './dawn.js';
export type { GpuEngine } from './gpuEngine.js';

/** What opens each of TensorFlow.js's GPU back ends. Each throws UnsupportedError that says what is missing. */
export const gpuOpeners: readonly (() => Promise<GpuEngine>)[] = [
  () => gpuInChromium('webgl'),
  () => gpuInChromium('webgpu'),
  webgpuInNode,
];

/** All of them, or none. @throws UnsupportedError that says what is missing */
export async function gpuEngines(): Promise<readonly GpuEngine[]> {
  const engines: GpuEngine[] = [];
  try {
    for (const open of gpuOpeners) engines.push(await open());
    return engines;
  } catch (error) {
    await Promise.all(engines.map((engine) => engine.dispose()));
    throw error;
  }
}

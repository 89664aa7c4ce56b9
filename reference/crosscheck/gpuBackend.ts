import { UnsupportedError } from '../../src/errors.js';
import { evaluateTfjsAsync, type Tfjs } from '../engines/tfjs.js';
import { type GpuName, openDevice } from './gpuDevice.js';
import { checkFloat32 } from './gpuFloat32.js';
import { type GpuCase, type GpuReply, graphOf } from './gpuMessage.js';

/** What is known of a back end once it has started. */
export interface GpuFacts {
  /** TensorFlow.js's. */
  readonly version: string;
  readonly adapter: string;
  /** What was computed at the start and found to be float32, and the settings that make it so. */
  readonly precision: string;
}

/** TensorFlow.js on a GPU, on the side where it runs: a page, or a process of its own. */
export interface GpuBackend {
  readonly facts: GpuFacts;
  run(gpuCase: GpuCase): Promise<GpuReply>;
}

/** The back ends keep every program that they compile. WebGL compiles one for each shape, some 3 MB a run; WebGPU 0.15 MB. */
const runsADevice: { readonly [name in GpuName]: number } = { webgl: 100, webgpu: 2_000 };

/** @throws UnsupportedError if the back end does not start, or computes in less than float32 */
export async function openBackend(tf: Tfjs, name: GpuName): Promise<GpuBackend> {
  let device = await openDevice[name](tf);
  const checked = await device.watch(() => checkFloat32(tf));
  const { adapter, settings } = device;
  let runs = 0;
  return {
    facts: { version: tf.version_core, adapter, precision: `float32: ${checked}; ${settings}` },
    async run(gpuCase) {
      try {
        runs++;
        if (runs % runsADevice[name] === 0) device = await openDevice[name](tf);
        const outputs = await device.watch(() => evaluateTfjsAsync(tf, graphOf(gpuCase), new Map(gpuCase.weights), gpuCase.inputs));
        return { outputs: [...outputs] };
      } catch (error) {
        if (error instanceof UnsupportedError) return { unsupported: error.message };
        return { failed: error instanceof Error ? error.message : String(error) };
      }
    },
  };
}

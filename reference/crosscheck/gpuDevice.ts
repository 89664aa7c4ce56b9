import { SenetError, UnsupportedError } from '../../src/errors.js';
import type { Tfjs } from '../engines/tfjs.js';

export type GpuName = 'webgl' | 'webgpu';

/** A GPU that a back end of TensorFlow.js computes on. */
export interface Device {
  /** As its driver names it. */
  readonly adapter: string;
  /** The back end's settings that bear on precision, for the record. */
  readonly settings: string;
  /** Does the work. @throws SenetError if the GPU reports an error meanwhile: the back ends would hand over zeros */
  watch<T>(work: () => Promise<T>): Promise<T>;
}

/**
 * Sets the back end up with float32 everywhere, and without its habit of computing small tensors on the processor.
 *
 * @throws UnsupportedError where there is no such GPU, or it has no float32 textures.
 */
export const openDevice: { readonly [name in GpuName]: (tf: Tfjs) => Promise<Device> } = {
  async webgl(tf) {
    await start(tf, 'webgl', { WEBGL_FORCE_F16_TEXTURES: false, WEBGL_CPU_FORWARD: false, SOFTWARE_WEBGL_ENABLED: true });
    const gl = contextOf(tf.backend());
    if (!tf.env().getBool('WEBGL_RENDER_FLOAT32_ENABLED')) throw new UnsupportedError('this WebGL has no float32 textures to render to');
    const names = gl.getExtension('WEBGL_debug_renderer_info');
    return {
      adapter: String(gl.getParameter(names ? names.UNMASKED_RENDERER_WEBGL : gl.RENDERER)),
      settings: 'float32 textures, nothing forwarded to the processor',
      async watch(work) {
        const result = await work();
        const error = gl.getError();
        if (gl.isContextLost() || error !== gl.NO_ERROR) throw new SenetError(`WebGL lost its context or failed (error ${error})`);
        return result;
      },
    };
  },

  async webgpu(tf) {
    await start(tf, 'webgpu', { WEBGPU_CPU_FORWARD: false });
    const device = deviceOf(tf.backend());
    const { vendor, architecture, device: model, description, isFallbackAdapter } = device.adapterInfo;
    return {
      adapter: [vendor, architecture, model, description, isFallbackAdapter ? '(fallback)' : ''].filter(Boolean).join(' '),
      settings: 'float32 buffers, nothing forwarded to the processor',
      async watch(work) {
        for (const scope of scopes) device.pushErrorScope(scope);
        const [result] = await Promise.allSettled([work()]);
        const errors = await Promise.all(scopes.map(() => device.popErrorScope()));
        const error = errors.find((found) => found !== null);
        if (error) throw new SenetError(`WebGPU failed: ${error.message}`);
        if (result.status === 'rejected') throw result.reason;
        return result.value;
      },
    };
  },
};

const scopes = ['validation', 'out-of-memory', 'internal'] as const;

/** Afresh: what a former start has left is let go of. */
async function start(tf: Tfjs, name: GpuName, flags: Readonly<Record<string, boolean>>): Promise<void> {
  if (tf.findBackend(name) !== null) {
    const factory = tf.findBackendFactory(name);
    tf.removeBackend(name);
    tf.registerBackend(name, factory);
  }
  for (const [flag, value] of Object.entries(flags)) tf.env().set(flag, value);
  if (!(await tf.setBackend(name))) throw new UnsupportedError(`the ${name} back end of tfjs does not start`);
  await tf.ready();
}

/** Neither back end publishes these in its types; both have had them since their first version. */
function contextOf(backend: object): WebGL2RenderingContext {
  if ('gpgpu' in backend) {
    const { gpgpu } = backend as { readonly gpgpu: { readonly gl: unknown } };
    if (gpgpu.gl instanceof WebGL2RenderingContext) return gpgpu.gl;
  }
  throw new UnsupportedError('tfjs-webgl computes with WebGL 2 in one of its own contexts, which is not here');
}

function deviceOf(backend: object): GPUDevice {
  if ('device' in backend && backend.device instanceof GPUDevice) return backend.device;
  throw new UnsupportedError('tfjs-webgpu has no device');
}

import { PlanError, UnsupportedError } from '../errors.js';
import { bytesOfBase64 } from '../io/base64.js';
import type { Kernel } from '../plan/abi.js';
import type { KernelsBuild } from './features.js';

/** The kernels over one memory; arguments as src/plan/abi.ts lists them, then begin and end. */
export type Kernels = Readonly<Record<Kernel, (...args: readonly number[]) => void>>;

/** Each build's binary, loaded when it is used. A module built for shared memory refuses any other, and the reverse. */
const binaries = {
  strict: { unshared: () => import('./binary/strict.js'), shared: () => import('./binary/strict-threads.js') },
  relaxed: { unshared: () => import('./binary/relaxed.js'), shared: () => import('./binary/relaxed-threads.js') },
} as const;

export type Sharing = 'unshared' | 'shared';

const modules = new Map<string, Promise<WebAssembly.Module>>();

/** One build of the kernels, compiled once: what an engine has optimised of it for one session is there for the next. */
export function compileKernels(kernels: KernelsBuild, sharing: Sharing): Promise<WebAssembly.Module> {
  const name = `${kernels} ${sharing}`;
  const found = modules.get(name) ?? compileAnew(kernels, sharing);
  modules.set(name, found);
  return found;
}

async function compileAnew(kernels: KernelsBuild, sharing: Sharing): Promise<WebAssembly.Module> {
  const { default: base64 } = await binaries[kernels][sharing]();
  return WebAssembly.compile(bytesOfBase64(base64));
}

/** The module's kernels over `memory`. */
export async function bindKernels(module: WebAssembly.Module, memory: WebAssembly.Memory): Promise<Kernels> {
  const { exports } = await WebAssembly.instantiate(module, { env: { memory } });
  return exports as unknown as Kernels;
}

const pageBytes = 65536;
const maxPages = 65536;

/** @throws PlanError for more bytes than a memory can have */
export function checkBytes(bytes: number): void {
  if (!(bytes <= maxPages * pageBytes))
    throw new PlanError(
      `the plan needs ${Math.ceil(bytes / 2 ** 20)} MiB, more than the 4 GiB that WebAssembly addresses; try a smaller batch or size`,
    );
}

/** A memory of exactly the pages that `bytes` need; it never grows, so views of it never detach. */
export function allocate(bytes: number, sharing: Sharing): WebAssembly.Memory {
  checkBytes(bytes);
  const pages = Math.ceil(bytes / pageBytes);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages, shared: sharing === 'shared' });
  } catch (cause) {
    throw new UnsupportedError(`the engine gave no memory of ${Math.ceil(bytes / 2 ** 20)} MiB`, { cause });
  }
}

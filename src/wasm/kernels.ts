import { PlanError, UnsupportedError } from '../errors.js';
import type { Kernel } from '../plan/abi.js';
import type { Variant } from './features.js';

/** The kernels over one memory; arguments as src/plan/abi.ts lists them, then begin and end. */
export type Kernels = Readonly<Record<Kernel, (...args: readonly number[]) => void>>;

/** Compiles the variant's module, only whose binary is loaded, over `memory`. */
export async function loadKernels(variant: Variant, memory: WebAssembly.Memory): Promise<Kernels> {
  const { default: base64 } = variant === 'relaxed' ? await import('./binary/relaxed.js') : await import('./binary/strict.js');
  const { instance } = await WebAssembly.instantiate(
    Uint8Array.from(atob(base64), (char) => char.charCodeAt(0)),
    { env: { memory } },
  );
  return instance.exports as unknown as Kernels;
}

const pageBytes = 65536;
const maxPages = 65536;

/** A memory of exactly the pages that `bytes` need; it never grows, so views of it never detach. */
export function allocate(bytes: number): WebAssembly.Memory {
  const pages = Math.ceil(bytes / pageBytes);
  if (pages > maxPages)
    throw new PlanError(
      `the plan needs ${Math.ceil(bytes / 2 ** 20)} MiB, more than the 4 GiB that WebAssembly addresses; try a smaller batch or size`,
    );
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: pages });
  } catch (cause) {
    throw new UnsupportedError(`the engine gave no memory of ${Math.ceil(bytes / 2 ** 20)} MiB`, { cause });
  }
}

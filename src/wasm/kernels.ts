import { PlanError, UnsupportedError } from '../errors.js';
import { bytesOfBase64 } from '../io/base64.js';
import { type Kernel, type KernelSet, kernelSetOf } from '../plan/abi.js';
import type { Plan } from '../plan/plan.js';
import type { KernelsBuild } from './features.js';

/** The kernels over one memory; arguments as src/plan/abi.ts lists them, then begin and end. */
export type Kernels = Readonly<Record<Kernel, (...args: readonly number[]) => void>>;

export type Sharing = 'unshared' | 'shared';

type Binaries = Readonly<Record<KernelsBuild, Readonly<Record<Sharing, () => Promise<{ readonly default: string }>>>>>;

/** Each set's and build's binary, loaded when it is used. A module built for shared memory refuses any other, and the reverse. */
const binaries: Readonly<Record<KernelSet, Binaries>> = {
  inference: {
    strict: { unshared: () => import('./binary/strict.js'), shared: () => import('./binary/strict-threads.js') },
    relaxed: { unshared: () => import('./binary/relaxed.js'), shared: () => import('./binary/relaxed-threads.js') },
  },
  imported: {
    strict: { unshared: () => import('./binary/imported/strict.js'), shared: () => import('./binary/imported/strict-threads.js') },
    relaxed: { unshared: () => import('./binary/imported/relaxed.js'), shared: () => import('./binary/imported/relaxed-threads.js') },
  },
  training: {
    strict: { unshared: () => import('./binary/training/strict.js'), shared: () => import('./binary/training/strict-threads.js') },
    relaxed: { unshared: () => import('./binary/training/relaxed.js'), shared: () => import('./binary/training/relaxed-threads.js') },
  },
  quantised: {
    strict: { unshared: () => import('./binary/quantised/strict.js'), shared: () => import('./binary/quantised/strict-threads.js') },
    relaxed: { unshared: () => import('./binary/quantised/relaxed.js'), shared: () => import('./binary/quantised/relaxed-threads.js') },
  },
};

const modules = new Map<string, Promise<WebAssembly.Module>>();

/** The sets of kernels that the plan's steps and the packing of its weights are made of. */
export const kernelSetsOf = ({ steps }: Pick<Plan, 'steps'>): readonly KernelSet[] => [
  ...new Set<KernelSet>(['inference', ...steps.map(({ kernel }) => kernelSetOf(kernel))]),
];

/** Sets of kernels in one build, each compiled once: what an engine has optimised of it for one session is there for the next. */
export function compileKernels(
  kernels: KernelsBuild,
  sharing: Sharing,
  sets: readonly KernelSet[] = ['inference'],
): Promise<readonly WebAssembly.Module[]> {
  return Promise.all(
    sets.map((set) => {
      const name = `${set} ${kernels} ${sharing}`;
      const found = modules.get(name) ?? compileAnew(binaries[set][kernels][sharing]);
      modules.set(name, found);
      return found;
    }),
  );
}

/** Starts compiling the kernels of inference, without waiting. If that fails, `compileKernels` throws the error later. */
export function startCompiling(kernels: KernelsBuild, sharing: Sharing): void {
  compileKernels(kernels, sharing).catch(() => {});
}

async function compileAnew(load: () => Promise<{ readonly default: string }>): Promise<WebAssembly.Module> {
  const { default: base64 } = await load();
  return WebAssembly.compile(bytesOfBase64(base64));
}

/** The modules' kernels over `memory`. */
export async function bindKernels(modules: readonly WebAssembly.Module[], memory: WebAssembly.Memory): Promise<Kernels> {
  const instances = await Promise.all(modules.map((module) => WebAssembly.instantiate(module, { env: { memory } })));
  return Object.assign({}, ...instances.map(({ exports }) => exports)) as Kernels;
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

/** Makes a memory that may grow at least so large. @returns whether it is */
export function grow(memory: WebAssembly.Memory, bytes: number): boolean {
  const missing = Math.ceil((bytes - memory.buffer.byteLength) / pageBytes);
  try {
    if (missing > 0) memory.grow(missing);
    return true;
  } catch {
    return false; // beyond its maximum, or more than the engine has
  }
}

/** A memory of exactly the pages that `bytes` need. Unless it may grow, views of it never detach. */
export function allocate(bytes: number, sharing: Sharing, mayGrow = false): WebAssembly.Memory {
  checkBytes(bytes);
  const pages = Math.ceil(bytes / pageBytes);
  try {
    return new WebAssembly.Memory({ initial: pages, maximum: mayGrow ? maxPages : pages, shared: sharing === 'shared' });
  } catch (cause) {
    throw new UnsupportedError(`the engine gave no memory of ${Math.ceil(bytes / 2 ** 20)} MiB`, { cause });
  }
}

import { cpus } from 'node:os';
import v8 from 'node:v8';
import { UnsupportedError } from '../errors.js';
import { fusesProducts, type KernelsBuild, supports, turnOnPairedVectors } from '../wasm/features.js';
import { runtimeName } from './machine.js';

/**
 * Turns relaxed SIMD on for this process where the engine has it behind a flag (Node 20), and says whether it runs.
 * A flag changes the whole process: a command may do so for itself, a library may not.
 */
export function enableRelaxed(): boolean {
  if (!supports('relaxed')) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return supports('relaxed');
}

/** For `--revectorize`, before anything is compiled. @throws UnsupportedError where the engine has no such flag */
export function enablePairedVectors(): void {
  if (!turnOnPairedVectors())
    throw new UnsupportedError(`--revectorize needs V8 12 or later, which Node 22 and later have; this is V8 ${process.versions.v8}`);
  pairedVectors = true;
}

let pairedVectors = false;

/** What to say if pairing was asked for and a timing does not show it. */
export const notPaired = 'vectors are not paired: tiles of 16 columns are no faster than those of 8 on this engine';

/** What kernels are called where they are printed. */
export const kernelsText = (kernels: KernelsBuild): string => (kernels === 'relaxed' && !fusesProducts() ? 'relaxed (not fused)' : kernels);

/** What the fastest tile depends on: the JavaScript engine, whether it was asked to join pairs of vectors, and the processor. */
export const engineKey = (): string =>
  `${runtimeName()}, ${cpus()[0]?.model.trim() ?? 'unknown'}${pairedVectors ? ', paired vectors' : ''}`;

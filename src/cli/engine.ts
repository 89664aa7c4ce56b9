import v8 from 'node:v8';
import { supports } from '../wasm/features.js';

/**
 * Turns relaxed SIMD on for this process where the engine has it behind a flag (Node 20), and says whether it runs.
 * A flag changes the whole process: a command may do so for itself, a library may not.
 */
export function enableRelaxed(): boolean {
  if (!supports('relaxed')) v8.setFlagsFromString('--experimental-wasm-relaxed-simd');
  return supports('relaxed');
}

import type { Kernels } from './kernels.js';

/** How long packing keeps the event loop waiting. */
export const packingStintMs = 20;

/** Where the constants of a plan go. */
export interface PackingPlace {
  readonly memory: WebAssembly.Memory;
  readonly kernels: Kernels;
  readonly addresses: ReadonlyMap<string, number>;
  /** Of `scratchBytes`, free until the constants are packed. */
  readonly scratch: number;
}

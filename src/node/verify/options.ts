import type { VerifyEngine } from '../../report/verdict.js';
import type { KernelsBuild } from '../../wasm/features.js';

export interface VerifyOptions {
  readonly engine: VerifyEngine;
  readonly kernels?: KernelsBuild;
  readonly algorithms?: 'direct' | 'fast';
  /** Of the kernels; the reference has one. @defaultValue 1 */
  readonly threads?: number;
}

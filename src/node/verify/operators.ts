import type { Check } from '../../verify/check.js';
import { checkOps } from '../../verify/detection/opsChecks.js';
import { kernelOps, referenceOps } from '../../verify/detection/opsGraphs.js';
import { parseOpsVector } from '../../verify/detection/opsVector.js';
import type { VerifyOptions } from './options.js';

/** What torchvision's detection operators compute; those that are graphs by the engine that is asked for. */
export function verifyOperators(
  _: string,
  json: unknown,
  { engine, kernels, algorithms = 'direct', threads = 1 }: VerifyOptions,
): Promise<readonly Check[]> {
  return checkOps(
    parseOpsVector(json),
    engine === 'reference' ? referenceOps : kernelOps({ kernels: kernels ?? 'auto', algorithms, threads }),
  );
}

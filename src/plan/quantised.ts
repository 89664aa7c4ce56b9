import { UnsupportedError } from '../errors.js';
import type { OpName, QuantisedAttrs } from '../ops/op.js';
import { quantisedOps } from '../ops/quantised/index.js';
import type { LoweringRule } from './writer.js';

/** How ops of quantised graphs become kernel calls. */
export const quantisedRules = Object.fromEntries(
  Object.keys(quantisedOps).map((op) => [
    op,
    () => {
      throw new UnsupportedError(`${op} has no kernel yet: the reference runs it`);
    },
  ]),
) as unknown as { readonly [K in keyof QuantisedAttrs]: LoweringRule<K & OpName> };

import type { OpDef, QuantisedAttrs } from '../op.js';
import { dequantise } from './dequantise.js';
import { dequantiseAxis } from './dequantiseAxis.js';
import { dynamicScale } from './dynamicScale.js';
import { dynamicZeroPoint } from './dynamicZeroPoint.js';
import { integerConv2d } from './integerConv2d.js';
import { integerLinear } from './integerLinear.js';
import { quantise } from './quantise.js';
import { quantiseAxis } from './quantiseAxis.js';
import { quantiseBy } from './quantiseBy.js';
import { quantisedAdd } from './quantisedAdd.js';
import { quantisedConv2d } from './quantisedConv2d.js';
import { quantisedGlobalAvgPool } from './quantisedGlobalAvgPool.js';
import { quantisedLinear } from './quantisedLinear.js';
import { quantisedPointwise } from './quantisedPointwise.js';
import { quantisedScale } from './quantisedScale.js';
import { scaledLinear } from './scaledLinear.js';

/** The ops of quantised graphs: exact integers, then one stated rounding. A missing row does not compile. */
export const quantisedOps: { readonly [K in keyof QuantisedAttrs]: OpDef<K> } = {
  quantise,
  dequantise,
  quantiseAxis,
  dequantiseAxis,
  quantisedConv2d,
  quantisedLinear,
  quantisedAdd,
  quantisedScale,
  quantisedPointwise,
  quantisedGlobalAvgPool,
  integerConv2d,
  integerLinear,
  dynamicScale,
  dynamicZeroPoint,
  quantiseBy,
  scaledLinear,
};

import { add } from './add.js';
import { avgPool2d } from './avgPool2d.js';
import { batchNorm } from './batchNorm.js';
import { concat } from './concat.js';
import { conv2d } from './conv2d.js';
import { globalAvgPool } from './globalAvgPool.js';
import { input, param } from './leaf.js';
import { linear } from './linear.js';
import { maxPool2d } from './maxPool2d.js';
import type { OpTable } from './op.js';
import { relu } from './relu.js';
import { scale } from './scale.js';
import { sigmoid } from './sigmoid.js';
import { softmax } from './softmax.js';

/** Every op's definition. A missing row does not compile. */
export const ops: OpTable = {
  input,
  param,
  conv2d,
  batchNorm,
  linear,
  relu,
  sigmoid,
  softmax,
  add,
  scale,
  concat,
  globalAvgPool,
  maxPool2d,
  avgPool2d,
};

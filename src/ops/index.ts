import { adaptiveAvgPool2d } from './adaptiveAvgPool2d.js';
import { add } from './add.js';
import { apply } from './apply.js';
import { avgPool2d } from './avgPool2d.js';
import { batchNorm } from './batchNorm.js';
import { channelShuffle } from './channelShuffle.js';
import { channelSlice } from './channelSlice.js';
import { combine } from './combine.js';
import { concat } from './concat.js';
import { conv2d } from './conv2d.js';
import { convTranspose2d } from './convTranspose2d.js';
import { globalAvgPool } from './globalAvgPool.js';
import { globalMaxPool } from './globalMaxPool.js';
import { hardSigmoid } from './hardSigmoid.js';
import { hardSwish } from './hardSwish.js';
import { input, param } from './leaf.js';
import { linear } from './linear.js';
import { matMul } from './matMul.js';
import { maxPool2d } from './maxPool2d.js';
import { multiply } from './multiply.js';
import type { OpName, OpTable } from './op.js';
import { quantisedOps } from './quantised/index.js';
import { expectIntegers, type Integers } from './quantised/quantisation.js';
import { rearrange } from './rearrange.js';
import { reduce } from './reduce.js';
import { relu } from './relu.js';
import { relu6 } from './relu6.js';
import { resample } from './resample.js';
import { roiAlign } from './roiAlign.js';
import { roiPool } from './roiPool.js';
import { scale } from './scale.js';
import { scaleBy } from './scaleBy.js';
import { sigmoid } from './sigmoid.js';
import { silu } from './silu.js';
import { softmax } from './softmax.js';
import { tanh } from './tanh.js';
import { trainingOps } from './training/index.js';
import { upsampleNearest } from './upsampleNearest.js';

/** Which integers a value holds, undefined for floats. @throws ShapeError for operands that hold others than the op takes */
export function integersOf(op: OpName, inputs: readonly (Integers | undefined)[], attrs: unknown): Integers | undefined {
  const integers = ops[op].integers as ((inputs: readonly (Integers | undefined)[], attrs: unknown) => Integers | undefined) | undefined;
  if (integers !== undefined) return integers(inputs, attrs);
  for (const [i, found] of inputs.entries()) expectIntegers(op, `operand ${i}`, undefined, found);
  return undefined;
}

/** What every graph asks of each op. A missing row does not compile. */
export const ops: OpTable = {
  input,
  param,
  conv2d,
  batchNorm,
  linear,
  relu,
  relu6,
  sigmoid,
  hardSigmoid,
  hardSwish,
  silu,
  tanh,
  softmax,
  add,
  multiply,
  scale,
  scaleBy,
  concat,
  channelShuffle,
  channelSlice,
  globalAvgPool,
  globalMaxPool,
  maxPool2d,
  avgPool2d,
  adaptiveAvgPool2d,
  upsampleNearest,
  roiAlign,
  roiPool,
  convTranspose2d,
  matMul,
  resample,
  rearrange,
  apply,
  combine,
  reduce,
  ...trainingOps,
  ...quantisedOps,
};

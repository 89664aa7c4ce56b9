import { vjp as adaptiveAvgPool2d } from './adaptiveAvgPool2d.js';
import { vjp as add } from './add.js';
import { vjp as avgPool2d } from './avgPool2d.js';
import { vjp as batchNorm } from './batchNorm.js';
import { vjp as channelShuffle } from './channelShuffle.js';
import { vjp as channelSlice } from './channelSlice.js';
import { vjp as concat } from './concat.js';
import { vjp as conv2d } from './conv2d.js';
import { vjp as globalAvgPool } from './globalAvgPool.js';
import { vjp as globalMaxPool } from './globalMaxPool.js';
import { vjp as linear } from './linear.js';
import { vjp as maxPool2d } from './maxPool2d.js';
import { vjp as multiply } from './multiply.js';
import type { OpName, Vjp } from './op.js';
import { pointwiseVjp } from './pointwise.js';
import { vjp as scale } from './scale.js';
import { vjp as scaleBy } from './scaleBy.js';
import { vjp as softmax } from './softmax.js';
import { vjp as channelMean } from './training/channelMean.js';
import { vjp as channelVariance } from './training/channelVariance.js';
import { vjp as crossEntropy } from './training/crossEntropy.js';
import { vjp as dropout } from './training/dropout.js';
import { vjp as fakeQuantise } from './training/fakeQuantise.js';
import { vjp as mean } from './training/mean.js';

/** Every op's gradient; none where gradients end: a graph is differentiated once. */
export const vjps: { readonly [K in OpName]?: Vjp<K> } = {
  conv2d,
  batchNorm,
  linear,
  relu: pointwiseVjp('relu'),
  relu6: pointwiseVjp('relu6'),
  sigmoid: pointwiseVjp('sigmoid'),
  hardSigmoid: pointwiseVjp('hardSigmoid'),
  hardSwish: pointwiseVjp('hardSwish'),
  silu: pointwiseVjp('silu'),
  tanh: pointwiseVjp('tanh'),
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
  mean,
  channelMean,
  channelVariance,
  dropout,
  fakeQuantise,
  crossEntropy,
};

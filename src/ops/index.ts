import { adaptiveAvgPool2d } from './adaptiveAvgPool2d.js';
import { adaptiveAvgPool2dGrad } from './adaptiveAvgPool2dGrad.js';
import { add } from './add.js';
import { avgPool2d } from './avgPool2d.js';
import { avgPool2dGrad } from './avgPool2dGrad.js';
import { batchNorm } from './batchNorm.js';
import { batchNormGradInput } from './batchNormGradInput.js';
import { batchNormGradMean } from './batchNormGradMean.js';
import { batchNormGradScale } from './batchNormGradScale.js';
import { batchNormGradVariance } from './batchNormGradVariance.js';
import { channelMean } from './channelMean.js';
import { channelShuffle } from './channelShuffle.js';
import { channelSlice } from './channelSlice.js';
import { channelSum } from './channelSum.js';
import { channelVariance } from './channelVariance.js';
import { channelVarianceGrad } from './channelVarianceGrad.js';
import { concat } from './concat.js';
import { conv2d } from './conv2d.js';
import { conv2dGradInput } from './conv2dGradInput.js';
import { conv2dGradWeight } from './conv2dGradWeight.js';
import { crossEntropy } from './crossEntropy.js';
import { crossEntropyGrad } from './crossEntropyGrad.js';
import { dropout } from './dropout.js';
import { fill } from './fill.js';
import { globalAvgPool } from './globalAvgPool.js';
import { globalMaxPool } from './globalMaxPool.js';
import { globalMaxPoolGrad } from './globalMaxPoolGrad.js';
import { hardSigmoid } from './hardSigmoid.js';
import { hardSwish } from './hardSwish.js';
import { input, param } from './leaf.js';
import { linear } from './linear.js';
import { linearGradInput } from './linearGradInput.js';
import { linearGradWeight } from './linearGradWeight.js';
import { maxPool2d } from './maxPool2d.js';
import { maxPool2dGrad } from './maxPool2dGrad.js';
import { mean } from './mean.js';
import { meanGrad } from './meanGrad.js';
import { movingAverage } from './movingAverage.js';
import { multiply } from './multiply.js';
import type { OpTable } from './op.js';
import { planeDot } from './planeDot.js';
import { pointwiseGrad } from './pointwiseGrad.js';
import { relu } from './relu.js';
import { relu6 } from './relu6.js';
import { scale } from './scale.js';
import { scaleBy } from './scaleBy.js';
import { sigmoid } from './sigmoid.js';
import { silu } from './silu.js';
import { softmax } from './softmax.js';
import { softmaxGrad } from './softmaxGrad.js';
import { tanh } from './tanh.js';

/** Every op's definition. A missing row does not compile. */
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
  globalAvgPool,
  globalMaxPool,
  maxPool2d,
  avgPool2d,
  adaptiveAvgPool2d,
  fill,
  mean,
  meanGrad,
  channelSum,
  channelMean,
  channelVariance,
  channelVarianceGrad,
  movingAverage,
  dropout,
  crossEntropy,
  crossEntropyGrad,
  softmaxGrad,
  pointwiseGrad,
  planeDot,
  channelSlice,
  conv2dGradInput,
  conv2dGradWeight,
  linearGradInput,
  linearGradWeight,
  batchNormGradInput,
  batchNormGradScale,
  batchNormGradMean,
  batchNormGradVariance,
  maxPool2dGrad,
  globalMaxPoolGrad,
  avgPool2dGrad,
  adaptiveAvgPool2dGrad,
};

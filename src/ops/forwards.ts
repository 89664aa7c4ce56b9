import { forward as adaptiveAvgPool2d } from './adaptiveAvgPool2d.js';
import { forward as add } from './add.js';
import { forward as apply } from './apply.js';
import { forward as avgPool2d } from './avgPool2d.js';
import { forward as batchNorm } from './batchNorm.js';
import { forward as channelShuffle } from './channelShuffle.js';
import { forward as channelSlice } from './channelSlice.js';
import { forward as combine } from './combine.js';
import { forward as concat } from './concat.js';
import { forward as conv2d } from './conv2d.js';
import { forward as convTranspose2d } from './convTranspose2d.js';
import { forward as globalAvgPool } from './globalAvgPool.js';
import { forward as globalMaxPool } from './globalMaxPool.js';
import { forward as hardSigmoid } from './hardSigmoid.js';
import { forward as hardSwish } from './hardSwish.js';
import { forward as linear } from './linear.js';
import { forward as matMul } from './matMul.js';
import { forward as maxPool2d } from './maxPool2d.js';
import { forward as multiply } from './multiply.js';
import type { ComputedOp, Forward } from './op.js';
import { forward as dequantise } from './quantised/dequantise.js';
import { forward as dequantiseAxis } from './quantised/dequantiseAxis.js';
import { forward as dynamicScale } from './quantised/dynamicScale.js';
import { forward as dynamicZeroPoint } from './quantised/dynamicZeroPoint.js';
import { forward as integerConv2d } from './quantised/integerConv2d.js';
import { forward as integerLinear } from './quantised/integerLinear.js';
import { forward as quantise } from './quantised/quantise.js';
import { forward as quantiseAxis } from './quantised/quantiseAxis.js';
import { forward as quantiseBy } from './quantised/quantiseBy.js';
import { forward as quantisedAdd } from './quantised/quantisedAdd.js';
import { forward as quantisedConv2d } from './quantised/quantisedConv2d.js';
import { forward as quantisedGlobalAvgPool } from './quantised/quantisedGlobalAvgPool.js';
import { forward as quantisedLinear } from './quantised/quantisedLinear.js';
import { forward as quantisedPointwise } from './quantised/quantisedPointwise.js';
import { forward as quantisedScale } from './quantised/quantisedScale.js';
import { forward as scaledLinear } from './quantised/scaledLinear.js';
import { forward as rearrange } from './rearrange.js';
import { forward as reduce } from './reduce.js';
import { forward as relu } from './relu.js';
import { forward as relu6 } from './relu6.js';
import { forward as resample } from './resample.js';
import { forward as roiAlign } from './roiAlign.js';
import { forward as roiPool } from './roiPool.js';
import { forward as scale } from './scale.js';
import { forward as scaleBy } from './scaleBy.js';
import { forward as sigmoid } from './sigmoid.js';
import { forward as silu } from './silu.js';
import { forward as softmax } from './softmax.js';
import { forward as tanh } from './tanh.js';
import { forward as adaptiveAvgPool2dGrad } from './training/adaptiveAvgPool2dGrad.js';
import { forward as avgPool2dGrad } from './training/avgPool2dGrad.js';
import { forward as batchNormGradInput } from './training/batchNormGradInput.js';
import { forward as batchNormGradMean } from './training/batchNormGradMean.js';
import { forward as batchNormGradScale } from './training/batchNormGradScale.js';
import { forward as batchNormGradVariance } from './training/batchNormGradVariance.js';
import { forward as channelMean } from './training/channelMean.js';
import { forward as channelSum } from './training/channelSum.js';
import { forward as channelVariance } from './training/channelVariance.js';
import { forward as channelVarianceGrad } from './training/channelVarianceGrad.js';
import { forward as conv2dGradInput } from './training/conv2dGradInput.js';
import { forward as conv2dGradWeight } from './training/conv2dGradWeight.js';
import { forward as crossEntropy } from './training/crossEntropy.js';
import { forward as crossEntropyGrad } from './training/crossEntropyGrad.js';
import { forward as dropout } from './training/dropout.js';
import { forward as fakeQuantise } from './training/fakeQuantise.js';
import { forward as fakeQuantiseGrad } from './training/fakeQuantiseGrad.js';
import { forward as fill } from './training/fill.js';
import { forward as globalMaxPoolGrad } from './training/globalMaxPoolGrad.js';
import { forward as linearGradInput } from './training/linearGradInput.js';
import { forward as linearGradWeight } from './training/linearGradWeight.js';
import { forward as maxPool2dGrad } from './training/maxPool2dGrad.js';
import { forward as mean } from './training/mean.js';
import { forward as meanGrad } from './training/meanGrad.js';
import { forward as movingAverage } from './training/movingAverage.js';
import { forward as planeDot } from './training/planeDot.js';
import { forward as pointwiseGrad } from './training/pointwiseGrad.js';
import { forward as softmaxGrad } from './training/softmaxGrad.js';
import { forward as upsampleNearest } from './upsampleNearest.js';

/** Every op's formula; what a leaf is worth, interpreters know. A missing row does not compile. */
export const forwards: { readonly [K in ComputedOp]: Forward<K> } = {
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
  fill,
  mean,
  meanGrad,
  channelSum,
  channelMean,
  channelVariance,
  channelVarianceGrad,
  movingAverage,
  dropout,
  fakeQuantise,
  fakeQuantiseGrad,
  crossEntropy,
  crossEntropyGrad,
  softmaxGrad,
  pointwiseGrad,
  planeDot,
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

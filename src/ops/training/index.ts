import type { OpDef, TrainingAttrs } from '../op.js';
import { adaptiveAvgPool2dGrad } from './adaptiveAvgPool2dGrad.js';
import { avgPool2dGrad } from './avgPool2dGrad.js';
import { batchNormGradInput } from './batchNormGradInput.js';
import { batchNormGradMean } from './batchNormGradMean.js';
import { batchNormGradScale } from './batchNormGradScale.js';
import { batchNormGradVariance } from './batchNormGradVariance.js';
import { channelMean } from './channelMean.js';
import { channelSum } from './channelSum.js';
import { channelVariance } from './channelVariance.js';
import { channelVarianceGrad } from './channelVarianceGrad.js';
import { conv2dGradInput } from './conv2dGradInput.js';
import { conv2dGradWeight } from './conv2dGradWeight.js';
import { crossEntropy } from './crossEntropy.js';
import { crossEntropyGrad } from './crossEntropyGrad.js';
import { dropout } from './dropout.js';
import { fakeQuantise } from './fakeQuantise.js';
import { fakeQuantiseGrad } from './fakeQuantiseGrad.js';
import { fill } from './fill.js';
import { globalMaxPoolGrad } from './globalMaxPoolGrad.js';
import { linearGradInput } from './linearGradInput.js';
import { linearGradWeight } from './linearGradWeight.js';
import { maxPool2dGrad } from './maxPool2dGrad.js';
import { mean } from './mean.js';
import { meanGrad } from './meanGrad.js';
import { movingAverage } from './movingAverage.js';
import { planeDot } from './planeDot.js';
import { pointwiseGrad } from './pointwiseGrad.js';
import { softmaxGrad } from './softmaxGrad.js';

/** The ops of training: batch statistics, losses, and what the `vjp`s emit. A missing row does not compile. */
export const trainingOps: { readonly [K in keyof TrainingAttrs]: OpDef<K> } = {
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
};

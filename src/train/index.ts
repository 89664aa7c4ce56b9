/**
 * Optimisers, schedules and what else a loop of training needs.
 * @module senet/train
 */

export { type AdamWOptions, type AdamWState, adamW } from './adamw.js';
export { clipByNorm, globalNorm } from './clip.js';
export { averageWeights } from './ema.js';
export { heWeights } from './initialise.js';
export { crossEntropy, targetsOf } from './loss.js';
export type { Stepped, Tensors, ToStep } from './optimiser.js';
export {
  type CosineOptions,
  cosineSchedule,
  type OneCycleOptions,
  oneCycleSchedule,
  type Schedule,
  type StepOptions,
  stepSchedule,
} from './schedule.js';
export { type SgdOptions, type SgdState, sgd } from './sgd.js';

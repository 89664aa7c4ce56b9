/** The kernels of training, by the same ABI as those of index.ts. */
export { activationGrad } from './activationGrad';
export { fakeQuantise, fakeQuantiseGrad } from './fakeQuantise';
export { gatherSums, gradWeight, packPanels } from './gradWeight';
export { crossEntropy, crossEntropyGrad, fill, meanOfAll, softmaxGrad } from './loss';
export { blend, channelSums, normalise, normFactor, normGrad, spread, totals, varianceGrad } from './norm';
export { packFilters } from './packFilters';
export { adaptiveAvgPoolGrad, avgPoolGrad, maxPoolGrad } from './poolGrad';
export { weave } from './weave';

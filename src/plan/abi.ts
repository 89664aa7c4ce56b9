/**
 * The kernels' parameters, in order, but for `begin` and `end`, which end each list. Steps name their arguments, so that no list of
 * twenty positions has to be counted; test/plan/abi.test.ts compares this table with kernels/.
 */
// biome-ignore format: one kernel a line
const inference = {
  nchwToNhwc: ['x', 'y', 'image', 'origin', 'line', 'pixel', 'channels', 'height', 'width'],
  conv: [
    'x', 'table', 'starts', 'zeros', 'panels', 'y', 'scratch',
    'image', 'filter', 'pixel', 'rows', 'taps', 'run', 'terms', 'count', 'lowest', 'after', 'tile', 'columns', 'kind',
  ],
  winogradInput: ['x', 'zeros', 'v', 'scratch', 'pixel', 'point', 'height', 'width', 'tilesH', 'tilesW', 'top', 'left', 'm'],
  winogradOutput: ['p', 'bias', 'y', 'scratch', 'pixel', 'point', 'height', 'width', 'tilesH', 'tilesW', 'm', 'lowest'],
  squeeze: ['x', 'sums', 'pixel', 'rows'],
  mean: ['sums', 'z', 'pixel', 'rows'],
  dense: ['x', 'panels', 'y', 'xPixel', 'yPixel', 'images', 'inputs', 'outputs', 'after', 'wide', 'rows', 'tile'],
  scaleAddRelu: ['u', 's', 'residual', 'y', 'pixel', 'rows', 'lowest'],
  maxPool: ['x', 'y', 'pixel', 'height', 'width', 'outHeight', 'outWidth', 'windowH', 'windowW', 'strideH', 'strideW', 'top', 'left'],
  avgPool: [
    'x', 'y', 'pixel', 'height', 'width', 'outHeight', 'outWidth',
    'windowH', 'windowW', 'strideH', 'strideW', 'top', 'left', 'bottom', 'right', 'inside',
  ],
  adaptiveAvgPool: ['x', 'y', 'pixel', 'height', 'width', 'outHeight', 'outWidth'],
  upsampleNearest: ['x', 'y', 'pixel', 'height', 'width', 'outHeight', 'outWidth'],
  roiAlign: [
    'rois', 'x', 'y', 'scratch', 'scale', 'pixel', 'images', 'height', 'width', 'outHeight', 'outWidth',
    'mostRows', 'sampling', 'aligned', 'map', 'maps',
  ],
  roiPool: ['rois', 'x', 'y', 'scale', 'pixel', 'images', 'height', 'width', 'outHeight', 'outWidth'],
  affine: ['x', 'factor', 'shift', 'y', 'pixel', 'lowest'],
  addRelu: ['a', 'b', 'y', 'pixel', 'lowest'],
  multiply: ['a', 'b', 'y', 'pixel'],
  activation: ['x', 'y', 'pixel', 'channels', 'kind'],
  softmax: ['x', 'y', 'pixel', 'channels'],
  concat: ['x', 'y', 'xPixel', 'yPixel', 'bytes', 'clear'],
  channelShuffle: ['x', 'y', 'pixel', 'channels', 'groups'],
  foldPanel: ['w', 'factor', 'y', 'zeros', 'width', 'channels', 'taps'],
  foldFilters: ['w', 'factor', 'y', 'zeros', 'point', 'width', 'channels', 'm'],
} as const;

// biome-ignore format: one kernel a line
const training = {
  packPanels: ['order', 'weights', 'bias', 'y'],
  packFilters: ['order', 'weights', 'y', 'point', 'm', 'flip'],
  weave: ['x', 'phases', 'y', 'pixel', 'height', 'width', 'strideH', 'strideW'],
  gradWeight: [
    'x', 'dy', 'table', 'starts', 'zeros', 'sums', 'scratch',
    'image', 'pixel', 'rows', 'taps', 'run', 'count', 'columns', 'chunk', 'blocks', 'chunks', 'slices',
  ],
  gatherSums: ['sums', 'places', 'y', 'chunk', 'chunks'],
  channelSums: ['a', 'b', 'mean', 'sums', 'pixel', 'rows', 'kind'],
  totals: ['sums', 'variance', 'y', 'pixel', 'blocks', 'divisor', 'eps'],
  normFactor: ['gamma', 'variance', 'd', 'y', 'k', 'eps', 'root'],
  blend: ['p', 'q', 'y', 'a', 'b'],
  normalise: ['x', 'mean', 'factor', 'shift', 'y', 'pixel', 'lowest'],
  normGrad: ['dy', 'x', 'factor', 'mean', 'dVariance', 'dMean', 'y', 'pixel', 'twoNth', 'nth'],
  varianceGrad: ['x', 'mean', 'dVariance', 'y', 'pixel', 'twoNth'],
  spread: ['z', 'residual', 'y', 'pixel', 'rows', 'nth'],
  activationGrad: ['x', 'dy', 'dx', 'pixel', 'kind'],
  maxPoolGrad: ['x', 'dy', 'dx', 'pixel', 'height', 'width', 'outHeight', 'outWidth', 'windowH', 'windowW', 'strideH', 'strideW', 'top', 'left'],
  avgPoolGrad: [
    'dy', 'dx', 'pixel', 'height', 'width', 'outHeight', 'outWidth',
    'windowH', 'windowW', 'strideH', 'strideW', 'top', 'left', 'bottom', 'right', 'inside',
  ],
  adaptiveAvgPoolGrad: ['dy', 'dx', 'pixel', 'height', 'width', 'outHeight', 'outWidth'],
  softmaxGrad: ['y', 'dy', 'dx', 'pixel'],
  crossEntropy: ['x', 't', 'y', 'pixel', 'classes'],
  crossEntropyGrad: ['x', 't', 'dy', 'dx', 'pixel', 'classes'],
  meanOfAll: ['x', 'y', 'size'],
  fill: ['x', 'y', 'value', 'n', 'pixel', 'channels'],
  fakeQuantise: ['x', 'y', 'pixel', 'scale', 'lowest', 'highest'],
  fakeQuantiseGrad: ['x', 'dy', 'dx', 'pixel', 'scale', 'lowest', 'highest'],
} as const;

export const abi = { ...inference, ...training };

export type Kernel = keyof typeof abi;
export type ArgName<K extends Kernel> = (typeof abi)[K][number];

/** A set of kernels is a module of its own, which is loaded for plans that have a step of it. */
export type KernelSet = 'inference' | 'training';

export const kernelSetOf = (kernel: Kernel): KernelSet => (kernel in inference ? 'inference' : 'training');

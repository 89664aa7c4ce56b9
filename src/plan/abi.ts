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
const imported = {
  apply: ['x', 'y', 'pixel', 'channels', 'a', 'b', 'kind'],
  combine: [
    'a', 'b', 'y', 'pixel', 'channels', 'height', 'width',
    'aImage', 'aLine', 'aPixel', 'aOne', 'bImage', 'bLine', 'bPixel', 'bOne', 'kind',
  ],
  reduce: [
    'x', 'y', 'pixel', 'outPixel', 'images', 'height', 'width', 'channels',
    'outImages', 'outHeight', 'outWidth', 'outChannels', 'kind',
  ],
  matMul: [
    'a', 'b', 'y', 'pixel', 'channels', 'rows', 'depth', 'columns',
    'aImage', 'aPixel', 'aOne', 'bImage', 'bPixel', 'bOne',
  ],
  resample: ['x', 'y', 'rows', 'down', 'columns', 'across', 'pixel', 'height', 'width', 'outHeight', 'outWidth'],
  rearrange: ['x', 'y', 'rows', 'columns', 'pixel', 'channels', 'together', 'value'],
  rearrangeEach: ['x', 'y', 'places', 'pixel', 'channels', 'value'],
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

// biome-ignore format: one kernel a line
const quantised = {
  conv8: [
    'x', 'table', 'starts', 'padding', 'panels', 'y', 'scratch',
    'image', 'pixel', 'rows', 'taps', 'run', 'count', 'zero', 'lowest', 'highest', 'tile', 'columns', 'kind', 'form', 'result',
  ],
  quantise8: ['x', 'y', 'xPixel', 'yPixel', 'zero', 'lowest', 'highest', 'scale'],
  quantiseBorder8: ['x', 'y', 'xPixel', 'line', 'left', 'top', 'lines', 'height', 'width', 'zero', 'lowest', 'highest', 'scale'],
  dequantise8: ['x', 'y', 'xPixel', 'yPixel', 'channels', 'zero', 'scale'],
  add8: ['a', 'b', 'y', 'za', 'zb', 'zero', 'lowest', 'highest', 'ma', 'mb'],
  gate8: ['u', 'gate', 'residual', 'y', 'pixel', 'gPixel', 'rows', 'zu', 'zr', 'zero', 'lowest', 'highest', 'm', 'mr'],
  maxPool8: ['x', 'y', 'pixel', 'height', 'width', 'outHeight', 'outWidth', 'windowH', 'windowW', 'strideH', 'strideW', 'top', 'left'],
  squeeze8: ['x', 'sums', 'pixel', 'rows'],
  mean8: ['sums', 'z', 'pixel', 'zPixel', 'channels', 'rows', 'zero', 'factor'],
  copy8: ['x', 'y', 'xPixel', 'yPixel', 'channels'],
  table8: ['x', 'y', 'table', 'entries'],
  scaled8: ['x', 'panels', 'y', 'xPixel', 'yPixel', 'images', 'inputs'],
  plainQuantise: ['x', 'scale', 'zero', 'y', 'pixel', 'lowest', 'highest', 'each'],
  plainDequantise: ['x', 'scale', 'zero', 'y', 'pixel', 'wide'],
  plainConv: [
    'x', 'w', 'zero', 'y', 'pixel', 'yPixel', 'height', 'width', 'outHeight', 'outWidth',
    'channels', 'outputs', 'groups', 'windowH', 'windowW', 'strideH', 'strideW', 'dilationH', 'dilationW', 'top', 'left',
  ],
  plainDynamic: ['x', 'y', 'size', 'kind'],
} as const;

/** By the sets that they are compiled in: each is a module of its own, which is loaded for plans that have a step of it. */
const sets = { inference, imported, training, quantised } as const;

export const abi = { ...inference, ...imported, ...training, ...quantised };

export type Kernel = keyof typeof abi;
export type ArgName<K extends Kernel> = (typeof abi)[K][number];
export type KernelSet = keyof typeof sets;

export const kernelSetOf = (kernel: Kernel): KernelSet =>
  (Object.keys(sets) as KernelSet[]).find((set) => Object.hasOwn(sets[set], kernel)) as KernelSet;

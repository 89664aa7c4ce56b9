/** The kernels for bytes, as abi.ts lists the others; test/plan/abi.test.ts compares this table with kernels/int8/. */
// biome-ignore format: one kernel a line
export const abi8 = {
  conv8: [
    'x', 'table', 'starts', 'padding', 'panels', 'y', 'scratch',
    'image', 'pixel', 'rows', 'taps', 'run', 'count', 'zero', 'lowest', 'highest', 'tile', 'columns', 'kind', 'form', 'result',
  ],
  quantise8: ['x', 'y', 'xPixel', 'yPixel', 'zero', 'lowest', 'highest', 'scale'],
  dequantise8: ['x', 'y', 'xPixel', 'yPixel', 'channels', 'zero', 'scale'],
  add8: ['a', 'b', 'y', 'za', 'zb', 'zero', 'lowest', 'highest', 'ma', 'mb'],
  gate8: ['u', 'gate', 'residual', 'y', 'pixel', 'gPixel', 'rows', 'zu', 'zr', 'zero', 'lowest', 'highest', 'm', 'mr'],
  maxPool8: ['x', 'y', 'pixel', 'height', 'width', 'outHeight', 'outWidth', 'windowH', 'windowW', 'strideH', 'strideW', 'top', 'left'],
  squeeze8: ['x', 'sums', 'pixel', 'rows'],
  mean8: ['sums', 'z', 'pixel', 'zPixel', 'channels', 'rows', 'zero', 'factor'],
  copy8: ['x', 'y', 'xPixel', 'yPixel', 'channels'],
  table8: ['x', 'y', 'table', 'entries'],
} as const;

export type Kernel8 = keyof typeof abi8;

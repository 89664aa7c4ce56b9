import { sizeOf } from '../../src/tensor.js';
import type { Case } from '../properties/case.js';

const bits = new Int32Array(1);
const float = new Float32Array(bits.buffer);

/** Floats in order as whole numbers in order; both zeros are 0. */
function rank(x: number): number {
  float[0] = x;
  const word = bits[0] as number;
  return word < 0 ? -(word & 0x7fffffff) : word;
}

/** How many floats lie between a float and the one that is nearest to the exact value: the distance of their bit patterns. */
export const ulps = (actual: number, exact: number): number => Math.abs(rank(actual) - rank(Math.fround(exact)));

/**
 * What the conformance tests of WebNN (web-platform-tests, webnn/) allow in float32, in ULP, where they say. A yardstick beside the
 * bound: it takes no account of cancellation, so a correct sum that is close to 0 may be beyond it.
 */
export function webnnLimit({ op, inputs, params, attrs }: Case): number | undefined {
  const shape = inputs[0] as readonly number[];
  switch (op) {
    case 'conv2d':
      return 2 * sizeOf((params[0] as readonly number[]).slice(1));
    case 'linear':
      return 2 * sizeOf(shape.slice(1)) + params.length - 1;
    case 'batchNorm':
      return 6;
    case 'relu':
    case 'relu6':
    case 'concat':
    case 'channelShuffle':
    case 'maxPool2d':
    case 'globalMaxPool':
      return 0;
    case 'add':
    case 'multiply':
    case 'scale':
    case 'scaleBy':
      return 1;
    case 'hardSigmoid':
      return 2;
    case 'hardSwish':
      return 4;
    case 'sigmoid':
      return 34;
    case 'softmax':
      return 3 * (shape[1] as number) + 3;
    case 'globalAvgPool':
      return sizeOf(shape.slice(2)) + 2;
    case 'avgPool2d': {
      const { kernel } = attrs as { readonly kernel: readonly [number, number] };
      return kernel[0] * kernel[1] + 2;
    }
    case 'silu':
    case 'tanh':
    case 'adaptiveAvgPool2d':
      return undefined;
  }
}

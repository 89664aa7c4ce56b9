import { UnsupportedError } from '../../src/errors.js';
import type { Tfjs, TfTensor } from '../engines/tfjs.js';

/** 24 bits: the largest run of integers that float32 holds. Half floats have 11, TF32 has 11, bfloat16 8. */
const largest = 2 ** 24 - 1;

/**
 * Computes with integers below 2²⁴, of which some need all 24 bits. Their sums are exact in float32 in any order, fused or not, and however
 * a GPU rounds; in a narrower format they are not. Each result passes through memory of the GPU.
 *
 * @returns what was computed, for the record
 * @throws UnsupportedError naming the first op that is not float32 throughout
 */
export async function checkFloat32(tf: Tfjs): Promise<string> {
  const ops = Object.entries(checks);
  for (const [op, { run, expected }] of ops) {
    const y = tf.tidy(() => run(tf));
    const found = await y.data();
    y.dispose();
    const at = expected.findIndex((value, i) => found[i] !== value);
    if (at >= 0 || found.length !== expected.length)
      throw new UnsupportedError(`tfjs-${tf.getBackend()} is not float32: ${op} gives ${found[at]}, not ${expected[at]}`);
  }
  return `${ops.map(([op]) => op).join(', ')} exact on integers of 24 bits`;
}

interface Check {
  run(tf: Tfjs): TfTensor;
  readonly expected: readonly number[];
}

const many = (length: number, value: (i: number) => number): number[] => Array.from({ length }, (_, i) => value(i));
const whole = many(64, (i) => largest - i * 262_141); // odd and even, 23 and 24 bits

/** [M, K] of up to 12 bits and [K, N] of up to 6: K = 45 products add up to less than 2²⁴. */
const [M, K, N] = [16, 45, 32];
const a = many(M * K, (i) => (i * 1_237) % 4_096);
const b = many(K * N, (i) => (i * 29) % 64);
const product = many(M * N, (i) => {
  const [m, n] = [Math.floor(i / N), i % N];
  return many(K, (k) => (a[m * K + k] as number) * (b[k * N + n] as number)).reduce((sum, term) => sum + term, 0);
});

const checks: Readonly<Record<string, Check>> = {
  relu: { run: (tf) => tf.relu(tf.tensor1d(whole)), expected: whole },
  add: {
    run: (tf) => tf.add(tf.tensor1d(whole.map((x) => x - 1)), tf.tensor1d(whole.map(() => 1))),
    expected: whole,
  },
  multiply: {
    run: (tf) => tf.mul(tf.tensor1d(whole.map((_, i) => 4_095 - i)), tf.tensor1d(whole.map((_, i) => 4_097 - i))),
    expected: whole.map((_, i) => (4_095 - i) * (4_097 - i)),
  },
  matMul: { run: (tf) => tf.matMul(tf.tensor2d(a, [M, K]), tf.tensor2d(b, [K, N])), expected: product },
  // one 3×3 window of 5 channels an image
  conv2d: {
    run: (tf) => tf.conv2d(tf.tensor4d(a, [M, 3, 3, 5]), tf.tensor4d(b, [3, 3, 5, N]), 1, 'valid'),
    expected: product,
  },
};

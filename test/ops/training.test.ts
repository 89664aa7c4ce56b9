import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { forwards } from '../../src/ops/forwards.js';
import { ops } from '../../src/ops/index.js';
import type { Forward, OpAttrs, TrainingAttrs } from '../../src/ops/op.js';
import { type Shape, type Tensor, tensor } from '../../src/tensor.js';

/** The ops that training adds, by hand. That gradients are gradients is test/graph/vjp.test.ts's to show. */

const run = <K extends keyof TrainingAttrs>(op: K, inputs: readonly Tensor[], attrs: OpAttrs[K]): Tensor =>
  (forwards[op] as Forward<K>)(inputs, attrs);
const vector = (...values: readonly number[]): Tensor => tensor([values.length], values);

test('batch statistics: a mean, a biased variance and a sum a channel', () => {
  const x = tensor([2, 2, 1, 2], [0, 2, 5, 5, 4, -2, 5, 5]);
  expect(run('channelSum', [x], {})).toEqual(vector(4, 20));
  expect(run('channelMean', [x], {})).toEqual(vector(1, 5));
  expect(run('channelVariance', [x, vector(1, 5)], {})).toEqual(vector(5, 0));
  expect(run('movingAverage', [vector(8, 0), vector(4, 4)], { momentum: 0.25, correction: 2 })).toEqual(vector(8, 2));
  expect(run('mean', [x], {})).toEqual(tensor([], [3]));
});

test('dropout keeps what the mask keeps, and makes up for the rest', () => {
  const x = tensor([1, 4], [1, 2, 3, 4]);
  expect(run('dropout', [x, tensor([1, 4], [1, 0, 1, 0])], { rate: 0.5 })).toEqual(tensor([1, 4], [2, 0, 6, 0]));
  expect(() => ops.dropout.infer([x.shape, x.shape], { rate: 1 })).toThrow('dropout: a rate is at least 0 and less than 1, not 1');
});

test('maxima: the first of equal ones takes all', () => {
  const x = tensor([1, 1, 2, 2], [3, 1, 3, 3]);
  const pool = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], rounding: 'floor' } as const;
  expect(run('maxPool2dGrad', [x, tensor([1, 1, 1, 1], [7])], pool)).toEqual(tensor([1, 1, 2, 2], [7, 0, 0, 0]));
  expect(run('globalMaxPoolGrad', [x, tensor([1, 1], [7])], {})).toEqual(tensor([1, 1, 2, 2], [7, 0, 0, 0]));
});

test('at a kink the slope is that of the flat side, as PyTorch has it; of hardSwish, the straight one’s', () => {
  const at = (of: OpAttrs['pointwiseGrad']['of'], ...x: readonly number[]) =>
    run('pointwiseGrad', [vector(...x), vector(...x.map(() => 1))], { of });
  expect(at('relu', 0, -0)).toEqual(vector(0, 0));
  expect(at('relu6', 0, 6)).toEqual(vector(0, 0));
  expect(at('hardSigmoid', -3, 3)).toEqual(vector(0, 0));
  expect(at('hardSwish', -3, 3)).toEqual(vector(0, 1));
});

test('saturated gates have a slope of 0, not NaN', () => {
  const at = (of: OpAttrs['pointwiseGrad']['of']) => run('pointwiseGrad', [vector(-1000, 1000), vector(1, 1)], { of });
  expect(at('sigmoid')).toEqual(vector(0, 0));
  expect(at('tanh')).toEqual(vector(0, 0));
  expect(at('silu')).toEqual(vector(-0, 1));
});

const conv = { stride: [1, 1], padding: [0, 0, 0, 0], dilation: [1, 1], groups: 1 } as const;
const pool = { kernel: [2, 2], stride: [2, 2], padding: [0, 0, 0, 0], rounding: 'floor' } as const;

/** Operands that do not fit; a wrong number of them is `operands`'. */
const misfits: { readonly [K in keyof TrainingAttrs]?: readonly [readonly Shape[], TrainingAttrs[K]] } = {
  meanGrad: [[[2]], { shape: [3, 2, 2], axes: [0] }],
  channelSum: [[[2]], {}],
  channelMean: [[[2, 0]], {}],
  channelVariance: [[[2, 3, 1, 1], [2]], {}],
  channelVarianceGrad: [[[2, 3, 1, 1], [3], [2]], {}],
  movingAverage: [[[2], [3]], { momentum: 0.1, correction: 1 }],
  dropout: [
    [
      [2, 3],
      [3, 2],
    ],
    { rate: 0.5 },
  ],
  crossEntropy: [[[2, 3], [2]], {}],
  fakeQuantiseGrad: [[[2], [3]], { y: { dtype: 'uint8', scale: 1, zeroPoint: 0, range: [0, 127] } }],
  crossEntropyGrad: [[[2, 3], [2, 3], [3]], {}],
  softmaxGrad: [
    [
      [2, 3],
      [3, 2],
    ],
    {},
  ],
  pointwiseGrad: [[[2], [3]], { of: 'relu' }],
  planeDot: [
    [
      [1, 2, 3, 4],
      [1, 2, 4, 3],
    ],
    {},
  ],
  conv2dGradInput: [
    [
      [2, 1, 2, 2],
      [1, 2, 2, 2],
    ],
    { ...conv, plane: [4, 4] },
  ],
  conv2dGradWeight: [
    [
      [1, 1, 4, 4],
      [1, 2, 2, 2],
    ],
    { ...conv, kernel: [2, 2] },
  ],
  linearGradInput: [
    [
      [3, 2],
      [1, 2],
    ],
    { shape: [1, 2] },
  ],
  linearGradWeight: [
    [
      [1, 2],
      [2, 3],
    ],
    { shape: [3, 2] },
  ],
  batchNormGradInput: [[[3], [3], [1, 2, 1, 1]], { eps: 0 }],
  batchNormGradScale: [[[1, 2, 1, 1], [2], [2], [1, 2, 1, 2]], { eps: 0 }],
  batchNormGradMean: [[[3], [3], [2]], { eps: 0 }],
  batchNormGradVariance: [[[3], [2], [3]], { eps: 0 }],
  maxPool2dGrad: [
    [
      [1, 1, 4, 4],
      [1, 1, 4, 4],
    ],
    pool,
  ],
  globalMaxPoolGrad: [
    [
      [1, 2, 4, 4],
      [2, 1],
    ],
    {},
  ],
  avgPool2dGrad: [[[1, 1, 4, 4]], { ...pool, divisor: 'inside', plane: [4, 4] }],
  adaptiveAvgPool2dGrad: [[[1, 1]], { plane: [4, 4] }],
};

test.each(Object.entries(misfits))('%s of operands that do not fit is a ShapeError', (op, [shapes, attrs]) => {
  const { infer } = ops[op as keyof TrainingAttrs] as { infer(inputs: readonly Shape[], attrs: unknown): Shape };
  expect(() => infer(shapes, attrs)).toThrow(ShapeError);
});

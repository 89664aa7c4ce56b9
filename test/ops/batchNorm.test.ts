import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ShapeError } from '../../src/errors.js';
import { batchNorm } from '../../src/ops/batchNorm.js';
import { forwards } from '../../src/ops/forwards.js';
import { map, type Shape, type Tensor, tensor, widen } from '../../src/tensor.js';
import { extents, seeds, wholes } from '../support/arbitraries.js';

const norm = (inputs: readonly Tensor[], eps = 0): Tensor => forwards.batchNorm(inputs, { eps });
const vector = (...values: readonly number[]): Tensor => tensor([values.length], values);

test('by hand: two channels, ε under the root', () => {
  const x = tensor([2, 2, 1, 2], [1, 2, 3, 4, 5, 6, 7, 8]);
  const y = norm([x, vector(10, -2), vector(100, 0), vector(1, 3), vector(3, 0)], 1);
  expect(y).toEqual(tensor([2, 2, 1, 2], [100, 105, 0, -2, 120, 125, -8, -10]));
});

test('takes [N, C] too', () => {
  expect(norm([tensor([1, 2], [5, 7]), vector(1, 2), vector(0, 1), vector(1, 1), vector(4, 9)])).toEqual(tensor([1, 2], [2, 5]));
});

test('γ = 1, β = 0, μ = 0, σ² = 1 leaves x alone; σ² = 0 is saved by ε', () => {
  const x = tensor([1, 1, 1, 3], [0.1, -0, 1e30]);
  expect(norm([x, vector(1), vector(-0), vector(0), vector(1)])).toEqual(x);
  expect(norm([tensor([1, 1], [3]), vector(1), vector(0), vector(1), vector(0)], 0.25)).toEqual(tensor([1, 1], [4]));
});

test('γ = √(σ² + ε) and β = μ undo the normalisation', () => {
  fc.assert(
    fc.property(extents(2), extents(3), extents(4), seeds(), (N, C, H, seed) => {
      const x = wholes([N, C, H, 1], seed);
      const mean = wholes([C], seed + 1);
      const deviation = map(wholes([C], seed + 2), (value) => 2 ** value);
      const variance = map(deviation, (value) => value ** 2 - 2 ** -9); // powers of two, so that nothing rounds
      expect(norm([x, deviation, mean, mean, variance], 2 ** -9)).toEqual(x);
    }),
  );
});

test('float32 in, one rounding; float64 in, float64 out', () => {
  const inputs = [tensor([1, 1], [0.1]), vector(0.7), vector(0.3), vector(0.2), vector(0.9)];
  const [x, gamma, beta, mean, variance] = inputs.map(({ data }) => data[0] as number) as [number, number, number, number, number];
  const y = ((x - mean) / Math.sqrt(variance + 1e-5)) * gamma + beta;
  expect(norm(inputs.map(widen), 1e-5).data).toEqual(Float64Array.of(y));
  expect(norm(inputs, 1e-5).data).toEqual(Float32Array.of(y));
});

test('NaN spoils its own cell, or as a statistic its channel', () => {
  const one = vector(1, 1);
  const x = tensor([1, 2, 1, 2], [NaN, 2, 3, 4]);
  expect(norm([x, one, one, one, one])).toEqual(tensor([1, 2, 1, 2], [NaN, 2, 3, 4]));
  expect(norm([x, one, one, vector(1, NaN), one])).toEqual(tensor([1, 2, 1, 2], [NaN, 2, NaN, NaN]));
});

test.each<readonly [string, readonly Shape[]]>([
  ['four operands', [[1, 2, 3, 3], [2], [2], [2]]],
  ['a vector of another length', [[1, 2, 3, 3], [2], [2], [3], [2]]],
  ['a matrix for a vector', [[1, 2, 3, 3], [2, 1], [2], [2], [2]]],
  ['an x without channels', [[2], [2], [2], [2], [2]]],
])('%s is a ShapeError', (_, shapes) => {
  expect(() => batchNorm.infer(shapes, { eps: 0 })).toThrow(ShapeError);
});

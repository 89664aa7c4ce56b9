import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../../src/errors.js';
import { Histogram } from '../../src/quant/histogram.js';
import { quantisationFor } from '../../src/quant/recipe.js';
import { seeded, seeds } from '../support/arbitraries.js';

test('ends are exact, and in any order of the numbers the same', () => {
  fc.assert(
    fc.property(seeds(), fc.integer({ min: -30, max: 30 }), (seed, exponent) => {
      const data = seeded([1, 500], seed).data.map((value: number) => value * 2 ** exponent) as Float32Array;
      const [one, other] = [new Histogram(), new Histogram()];
      one.add('x', data);
      for (const part of [data.slice(250), data.slice(0, 250)]) other.add('x', part);
      expect([one.low, one.high, one.count]).toEqual([Math.min(...data), Math.max(...data), 500]);
      expect(other.percentile(0.02)).toEqual(one.percentile(0.02));
      expect(other.leastSquares(false)).toEqual(one.leastSquares(false));
    }),
    { numRuns: 20 },
  );
});

test('a percentile is the sorted number of that place, to a bin', () => {
  const data = seeded([1, 10_000], 7).data as Float32Array;
  const histogram = new Histogram();
  histogram.add('x', data);
  const sorted = [...data].sort((a, b) => a - b);
  const [low, high] = histogram.percentile(0.01);
  expect(Math.abs(low - (sorted[100] as number))).toBeLessThanOrEqual(2 / 8192);
  expect(Math.abs(high - (sorted[9899] as number))).toBeLessThanOrEqual(2 / 8192);
});

test('least squares cut a lonely number off, and nothing of numbers that are spread evenly; under a function by what it makes of them', () => {
  const even = Float32Array.from({ length: 1_000_000 }, (_, i) => i / 1_000_000);
  const histogram = new Histogram();
  histogram.add('x', even);
  expect(histogram.leastSquares(false)[1]).toBe(histogram.high);
  histogram.add('x', Float32Array.of(30));
  expect(histogram.leastSquares(false)[1]).toBeLessThan(6); // (30 − c)² + 10⁶ · (c / 127)² / 12 is least at 4.9
  const clipped = (x: Float64Array): Float64Array => x.map((value) => Math.min(value, 0.5));
  expect(histogram.leastSquares(false, clipped)[1]).toBeLessThan(1.6); // of what is beyond one half nothing is to be seen
});

test('what is not finite is refused by name', () => {
  for (const value of [Number.NaN, Infinity, 2 ** 110])
    expect(() => new Histogram().add('layer1.conv', Float32Array.of(1, value))).toThrow(InputError);
});

test('a range holds 0 exactly, and its integers reach both ends', () => {
  fc.assert(
    fc.property(
      fc.float({ min: -100, max: 100, noNaN: true }),
      fc.float({ min: 0, max: 100, noNaN: true }),
      fc.boolean(),
      (low, width, wide) => {
        const { scale, zeroPoint, range } = quantisationFor(low, low + width, wide);
        expect(Math.fround(scale)).toBe(scale);
        expect(zeroPoint >= range[0] && zeroPoint <= range[1]).toBe(true);
        for (const end of [Math.min(low, 0), Math.max(low + width, 0)]) {
          const q = Math.min(Math.max(Math.round(end / scale) + zeroPoint, range[0]), range[1]);
          expect(Math.abs((q - zeroPoint) * scale - end)).toBeLessThanOrEqual(scale * (0.5 + 2 ** -16) + 2 ** -100);
        }
      },
    ),
  );
});

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Random, randomOf, shuffled } from '../../src/data/random.js';

const some = (random: Random): readonly number[] => Array.from({ length: 4 }, () => random.between(0, 1));
const keys = fc.array(fc.maxSafeNat(), { minLength: 1, maxLength: 3 });

test('a key has one stream, another key another', () => {
  fc.assert(
    fc.property(keys, keys, (a, b) => {
      expect(some(randomOf(...a))).toEqual(some(randomOf(...a)));
      if (a.join() !== b.join()) expect(some(randomOf(...a))).not.toEqual(some(randomOf(...b)));
    }),
  );
});

test.each([0, 1, 2])(
  'streams of neighbouring keys are as good as independent: their first numbers fill [0, 1) evenly (part %i)',
  (part) => {
    const [streams, bins] = [16_000, 16];
    const counts = new Array<number>(bins).fill(0);
    for (let i = 0; i < streams; i++) {
      const bin = Math.floor(randomOf(...[7, 7, 7].with(part, i)).between(0, bins));
      counts[bin] = (counts[bin] as number) + 1;
    }
    const chiSquare = counts.reduce((sum, count) => sum + (count - streams / bins) ** 2 / (streams / bins), 0);
    expect(chiSquare).toBeLessThan(37.7); // the 99.9 % quantile for 15 degrees of freedom
  },
);

test('whole numbers reach both ends', () => {
  const random = randomOf(1);
  expect([...new Set(Array.from({ length: 100 }, () => random.whole(-1, 1)))].sort((a, b) => a - b)).toEqual([-1, 0, 1]);
});

test('shuffling keeps the values, and any order may come', () => {
  fc.assert(
    fc.property(fc.array(fc.integer()), fc.nat(), (values, seed) => {
      expect(shuffled(values, randomOf(seed)).toSorted()).toEqual(values.toSorted());
    }),
  );
  expect(new Set(Array.from({ length: 200 }, (_, seed) => shuffled([1, 2, 3], randomOf(seed)).join())).size).toBe(6);
});

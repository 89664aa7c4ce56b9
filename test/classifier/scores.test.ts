import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Scored, scoresOf } from '../../src/classifier/scores.js';
import { probabilities, topIndices } from '../../src/classifier/top.js';
import { rateOf, wilson } from '../../src/stats/rate.js';

describe('the Wilson interval', () => {
  // roots of (rate − p)² n = z² p (1 − p), found by bisection in 40 digits
  test.each([
    [0, 10, 0, 0.27753279986288926],
    [5, 10, 0.23659309051256397, 0.7634069094874361],
    [10, 10, 0.7224672001371107, 1],
    [1, 3, 0.06149194472039623, 0.7923403991979523],
    [11_617, 50_000, 0.22865887669838045, 0.23606224833673486],
  ])('%d of %d: %f to %f', (errors, images, low, high) => {
    const [from, to] = wilson(errors, images);
    expect(from).toBeCloseTo(low, 14);
    expect(to).toBeCloseTo(high, 14);
  });

  test('its ends are where the score test has its 95 %: |rate − p| = z √(p(1 − p) / n)', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 50_000 }), fc.nat(50_000), (images, draw) => {
        const errors = draw % (images + 1);
        for (const p of wilson(errors, images).filter((end) => end > 0 && end < 1)) {
          const deviations = Math.abs(errors / images - p) / Math.sqrt((p * (1 - p)) / images);
          expect(deviations).toBeCloseTo(1.959963984540054, 6);
        }
      }),
    );
  });

  test('no image says nothing', () => {
    expect(rateOf(0, 0)).toEqual({ errors: 0, images: 0, error: 0, interval: [0, 1] });
  });
});

describe('scores', () => {
  const image = (label: number, ...top: readonly number[]): Scored => ({ label, top });

  test('by hand', () => {
    const scores = scoresOf([image(7, 7, 1), image(7, 1, 7), image(7, 1, 2, 3, 4, 5), image(1, 1, 7), image(2, 7, 1)]);
    expect([scores.top1.errors, scores.top5.errors, scores.top1.error]).toEqual([3, 2, 0.6]);
    expect(scores.classes.map(({ index, top1, top5, wrongly }) => [index, top1.images, top1.errors, top5.errors, wrongly])).toEqual([
      [1, 1, 0, 0, 2],
      [2, 1, 1, 1, 0],
      [7, 3, 2, 1, 1],
    ]);
    expect(scores.confusions).toEqual([
      { label: 7, taken: 1, images: 2 },
      { label: 2, taken: 7, images: 1 },
    ]);
  });

  test('classes and confusions add up to the whole', () => {
    const scored = fc.record({
      label: fc.nat(9),
      top: fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 5, maxLength: 5 }),
    });
    fc.assert(
      fc.property(fc.array(scored, { maxLength: 60 }), (images) => {
        const { top1, top5, classes, confusions } = scoresOf(images);
        const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
        expect(sum(classes.map((score) => score.top1.images))).toBe(images.length);
        expect(sum(classes.map((score) => score.top1.errors))).toBe(top1.errors);
        expect(sum(classes.map((score) => score.top5.errors))).toBe(top5.errors);
        expect(sum(confusions.map((pair) => pair.images))).toBe(top1.errors);
        expect(top5.errors).toBeLessThanOrEqual(top1.errors);
      }),
    );
  });
});

describe('top', () => {
  const logits = fc.float32Array({ minLength: 1, maxLength: 20, noNaN: true, noDefaultInfinity: true });

  test('indices are of the largest values, largest first; of equal ones the lower', () => {
    expect(topIndices(Float32Array.of(1, 3, 2, 3), 3)).toEqual([1, 3, 2]);
    fc.assert(
      fc.property(logits, fc.integer({ min: 1, max: 25 }), (values, count) => {
        const top = topIndices(values, count);
        expect(top.length).toBe(Math.min(count, values.length));
        expect(new Set(top).size).toBe(top.length);
        const least = values[top.at(-1) as number] as number;
        values.forEach((value, i) => {
          if (!top.includes(i)) expect(value).toBeLessThanOrEqual(least);
        });
      }),
    );
  });

  test('probabilities add up to 1, however large the logits', () => {
    fc.assert(
      fc.property(logits, (values) => {
        const shares = probabilities(values);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
        expect(shares[topIndices(values, 1)[0] as number]).toBe(Math.max(...shares));
      }),
    );
  });
});

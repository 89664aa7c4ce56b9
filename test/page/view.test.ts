import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sides } from '../../page/src/detector/messages.js';
import { type Target, targets } from '../../page/src/gates.js';
import { firstView, hashOf, readView, type View } from '../../page/src/view.js';

const word = fc.stringMatching(/^[a-z][a-z0-9._-]{0,12}$/);
const view: fc.Arbitrary<View> = fc.record({
  network: word,
  pictures: fc.tuple(fc.option(word, { nil: undefined }), fc.option(word, { nil: undefined })),
  target: fc.constantFrom(...(Object.keys(targets) as Target[])),
  amount: fc.integer({ min: 0, max: 1000 }).map((thousandths) => thousandths / 1000),
  kept: fc.array(word, { maxLength: 3 }),
  channel: fc.option(fc.record({ gate: word, channel: fc.nat(999_999) }), { nil: undefined }),
  score: fc.integer({ min: 50, max: 1000 }).map((thousandths) => thousandths / 1000),
  side: fc.constantFrom(...sides),
});

describe('a link to the page', () => {
  test('says all of a view', () => {
    fc.assert(
      fc.property(view, (one) => {
        expect(readView(hashOf(one))).toEqual(one);
      }),
    );
  });

  test('says nothing of the first view', () => {
    expect(hashOf(firstView)).toBe('');
    expect(readView('')).toEqual(firstView);
  });

  test('whatever it is, is read as a view', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webFragments(),
          fc.tuple(fc.constantFrom('score', 'size'), fc.string()).map((pair) => pair.join('=')),
        ),
        (hash) => {
          const { amount, target, pictures, score, side } = readView(`#${hash}`);
          expect(amount >= 0 && amount <= 1).toBe(true);
          expect(target in targets).toBe(true);
          expect(pictures).toHaveLength(2);
          expect(score >= 0.05 && score <= 1).toBe(true);
          expect(sides).toContain(side);
        },
      ),
    );
  });

  test('is short and can be read by people', () => {
    const channel = { gate: 'layer3.2.se.gate', channel: 5 };
    expect(hashOf({ ...firstView, pictures: ['chelsea', 'moose'], amount: 0.6, channel })).toBe(
      '#pictures=chelsea,moose&amount=0.6&channel=layer3.2.se.gate:5',
    );
    expect(hashOf({ ...firstView, score: 0.3, side: 'own' })).toBe('#score=0.3&size=own');
  });
});

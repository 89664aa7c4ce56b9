import fc from 'fast-check';
import { expect, test } from 'vitest';
import { bestOf, byScore, inTurn } from '../../src/detect/order.js';
import { seeds } from '../support/arbitraries.js';
import { fewScores } from './drawn.js';

test('the best are the first of all in order of score, of equal scores the lower index first', () => {
  fc.assert(
    fc.property(fc.nat(60), fc.nat(70), fc.integer({ min: 1, max: 40 }), seeds(), (count, most, steps, seed) => {
      const scores = fewScores(count, seed, steps);
      const candidates = Int32Array.from(scores.keys()).filter((i) => i % 3 !== 1);
      // numbers are sorted stably
      const sorted = [...candidates].sort((a, b) => (scores[b] as number) - (scores[a] as number));
      expect([...bestOf(scores, candidates, most)]).toEqual(sorted.slice(0, most));
      expect([...byScore(scores, candidates)]).toEqual(sorted);
      expect([...inTurn(scores, candidates)]).toEqual(sorted);
      expect([...bestOf(Float32Array.from(scores), candidates, most)]).toEqual(sorted.slice(0, most));
    }),
  );
});

test('0 and −0 are equal scores', () => {
  expect([...bestOf(Float64Array.of(-0, 0, -0, 0), Int32Array.of(0, 1, 2, 3), 2)]).toEqual([0, 1]);
});

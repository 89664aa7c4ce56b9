import { expect, test } from 'vitest';
import { interleave } from '../../src/stats/timing.js';

test.each([
  [{ budgetMs: 0 }, 6], // of fewer there is no interval
  [{ budgetMs: Number.MAX_VALUE }, 20],
  [{}, 20],
])('%j: every contender runs %i timed rounds', async (budget, rounds) => {
  const runs = [0, 0];
  const seen: number[] = [];
  const times = await interleave(
    runs.map((_, i) => () => {
      runs[i] = (runs[i] as number) + 1;
    }),
    { warmup: 2, rounds: 20, ...budget, progress: (round) => seen.push(round) },
  );
  expect([runs, times.map(({ length }) => length)]).toEqual([
    [rounds + 2, rounds + 2],
    [rounds, rounds],
  ]);
  expect(seen).toEqual(Array.from({ length: rounds + 2 }, (_, i) => i - 2));
});

import { expect, test } from 'vitest';
import { Pace } from '../../serve/src/models/pace.js';

test('more requests are expected only where they come fast enough', () => {
  const pace = new Pace();
  expect(pace.brings(1, 999)).toBe(false);
  let now = 0;
  const every = (ms: number): void => {
    for (let i = 0; i < 100; i++) {
      now += ms;
      pace.came(now);
    }
  };
  every(10);
  expect([pace.brings(1, 9), pace.brings(1, 11), pace.brings(7, 60)]).toEqual([false, true, false]);
  every(0.25);
  expect([pace.brings(7, 2), pace.brings(7, 1), pace.brings(1, -1)]).toEqual([true, false, false]);
  now += 3_600_000;
  pace.came(now);
  expect(pace.brings(1, 100)).toBe(false);
  every(10);
  expect(pace.brings(1, 11)).toBe(true);
});

import { expect, test, vi } from 'vitest';
import { atOnce, inTurns, type Pieces, rowsInPieces } from '../../src/io/pieces.js';

function* counting(pieces: number): Pieces<number> {
  for (let n = 0; n < pieces; n++) yield;
  return pieces;
}

test.each([
  [10, 1],
  [3000, 24_000],
  [7, 2 ** 30],
  [0, 5],
])('%d rows of %d additions: each row once, in order, in pieces of 2^20 additions or of a row', (count, work) => {
  const ranges: [number, number][] = [];
  atOnce(rowsInPieces(count, work, (from, to) => void ranges.push([from, to])));
  expect(ranges.flatMap(([from, to]) => Array.from({ length: to - from }, (_, i) => from + i))).toEqual([...Array(count).keys()]);
  for (const [from, to] of ranges) expect(to - from === 1 || (to - from) * work <= 2 ** 20).toBe(true);
});

test('both ways of running pieces come to the same end, or the same error', async () => {
  expect([atOnce(counting(9)), await inTurns(counting(9))]).toEqual([9, 9]);
  // biome-ignore lint/correctness/useYield: it fails before its first piece
  const failing = function* (): Pieces<never> {
    throw new RangeError('no');
  };
  expect(() => atOnce(failing())).toThrow(RangeError);
  await expect(inTurns(failing())).rejects.toThrow(RangeError);
});

test.each([
  [0, 0],
  [10, 20],
  [5, 10],
])('pieces of %d ms, 20 of them: %d turns of the event loop', async (ms, expected) => {
  let now = 0;
  using _clock = vi.spyOn(performance, 'now').mockImplementation(() => now);
  const pieces = (function* (): Pieces<void> {
    for (let n = 0; n < 20; n++) {
      now += ms;
      yield;
    }
  })();
  using channels = vi.spyOn(globalThis, 'MessageChannel');
  await inTurns(pieces);
  expect(channels).toHaveBeenCalledTimes(expected);
});

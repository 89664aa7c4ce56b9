import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import { WeightsError } from '../../src/errors.js';
import { Budget, heap, leastForPickles } from '../../src/io/budget.js';

test('a budget is four times the file, and a mebibyte at least; beyond it is a WeightsError', () => {
  for (const [size, limit] of [
    [0, 2 ** 20],
    [2 ** 20, 2 ** 22],
  ] as const) {
    const budget = new Budget(size);
    budget.spend(limit, 'caffe');
    expect(() => budget.spend(1, 'caffe')).toThrow(WeightsError);
    expect(() => budget.spend(1, 'caffe')).toThrow(
      `caffe: expected a file whose objects take at most ${limit} bytes of memory, found more`,
    );
  }
  new Budget(0, leastForPickles).spend(leastForPickles, 'pickle');
  expect(() => new Budget(0).spend(Number.NaN, 'caffe')).toThrow(WeightsError);
});

/** So many that what else the process allocates meanwhile, some 100 kB, does not tell: 32 MB of them, and 20,000 at least. */
const countOf = (bytes: number): number => Math.max(20_000, Math.ceil(2 ** 25 / bytes));

describe('what is counted is no less than what V8 takes', () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;

  /** Bytes of heap for each of `count` that `make` returns, without the slot that it lies in. */
  function bytesOf(make: (i: number) => unknown, count: number): number {
    const kept = new Array<unknown>(count).fill(null);
    collect();
    const before = process.memoryUsage().heapUsed;
    for (let i = 0; i < count; i++) kept[i] = make(i);
    collect();
    return kept.length > 0 ? (process.memoryUsage().heapUsed - before) / count : 0;
  }

  const grown = (length: number): unknown[] => {
    const list: unknown[] = [null];
    for (let i = 1; i < length; i++) list.push(i + 0.5);
    return list;
  };

  test.each<[string, number, (i: number) => unknown]>([
    ['a list of two', heap.object + heap.element, (i) => [i, i]],
    ['an object of four', heap.object, (i) => ({ a: i, b: i, c: i, d: i })],
    ['a list that has grown', heap.dict + heap.element, (i) => grown(1 + (i & 1))],
    ['a map', heap.dict, () => new Map()],
    ['an object with a closure', heap.dict, (i) => ({ read: () => i })],
    ['a hundred numbers', heap.dict + 100 * heap.element, () => grown(100)],
    ['a map of a hundred', heap.dict + 100 * heap.entry, () => new Map(grown(100).map((value, i) => [i, value === null]))],
    ['a text of twenty', heap.text(20), (i) => JSON.parse(`"${'\u0101'.repeat(10)}${String(i).padStart(10)}"`)],
  ])('%s: at most %i bytes', (_, counted, make) => {
    bytesOf(make, 1000);
    expect(bytesOf(make, countOf(counted))).toBeLessThanOrEqual(counted);
  });
});

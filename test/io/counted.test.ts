import { expect, test } from 'vitest';
import { counted } from '../../src/io/counted.js';
import { bytesSource } from '../../src/io/source.js';

test('tells how many bytes were read, in any order, and never more than there are', async () => {
  const told: number[] = [];
  const source = counted(bytesSource(Uint8Array.of(1, 2, 3, 4, 5, 6)), (bytes) => told.push(bytes));
  expect(source.size).toBe(6);
  expect(await source.read(4, 2)).toEqual(Uint8Array.of(5, 6)); // a directory at a file's end says nothing of the rest
  await source.read(0, 3);
  await source.read(0, 3); // once more
  expect(told).toEqual([2, 5, 6]);
});

import { crc32 as zlibs } from 'node:zlib';
import { expect, test } from 'vitest';
import { crc32, slicedCrc32 } from '../../src/io/crc32.js';

test("CRC-32 is zlib's, of any length and from any place", () => {
  const bytes = Uint8Array.from({ length: 200 }, (_, i) => Math.imul(i, 2654435761) >>> 13);
  for (let begin = 0; begin < 20; begin++)
    for (let end = begin; end <= bytes.length; end++) {
      const part = bytes.subarray(begin, end);
      expect(crc32(part)).toBe(zlibs(part));
      expect(slicedCrc32(part)).toBe(zlibs(part));
    }
  expect(slicedCrc32(new TextEncoder().encode('123456789'))).toBe(0xcbf43926);
});

test('of long messages too, of every length about a chunk and a block', () => {
  const bytes = new Uint8Array(3 * 2 ** 16).map((_, i) => Math.imul(i, 2654435761) >>> 13);
  for (const length of [19_199, 19_200, 65_536, 70_336, 131_072, 135_872, 196_000])
    for (let more = 0; more < 40; more++) {
      const part = bytes.subarray(more % 5, (more % 5) + length + more);
      expect(crc32(part)).toBe(zlibs(part));
    }
});

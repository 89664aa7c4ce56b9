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

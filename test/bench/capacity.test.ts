import { expect, test } from 'vitest';
import { capacityTables } from '../../bench/serve/capacityTable.js';

test('rates and memory are of floats and of integers; many pictures are reckoned from the fastest floats', () => {
  const text = capacityTables([
    {
      network: 'n',
      fastest: { medianMs: 72, peak: 100 * 2 ** 20 },
      same: { medianMs: 200, peak: 120 * 2 ** 20 },
      integers: { medianMs: 50, peak: 80 * 2 ** 20 },
    },
  ]);
  expect(text).toContain('| n | 14 | 5.0 | 120 | 20 | 80 |');
  expect(text).toContain('| n | 1 hours | 2.3 years |'); // 50,000 and 10⁹ × 72 ms
  expect(text).toContain('| shards | 1,563 | 31,250,000 |');
  expect(text).toContain('| memory | 19 MiB | 373 GiB |');
  expect(text).toContain('| traffic | 61 MiB | 1192 GiB |');
});

import { readFileSync } from 'node:fs';
import type { SmallNetwork } from '../../bench/matrix/answer.js';

const table = readFileSync(new URL('../../docs/runtimes.md', import.meta.url), 'utf8')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .map((line) => line.slice(2, -2).split(' | '));
const head = table.find(([first]) => first === 'network') ?? [];

/** What docs/runtimes.md says of networks: the CRC-32 of their strict logits, by id. @throws Error where it says nothing */
export function documented(networks: readonly SmallNetwork[], more: object = {}): Readonly<Record<string, object>> {
  return Object.fromEntries(
    networks.map(({ id, size }) => {
      const row = table.find(([first, second]) => first === id && second === `${size}`);
      if (row === undefined) throw new Error(`docs/runtimes.md has no bits of ${id} at ${size}`);
      return [id, { strict: row[head.indexOf('strict')], ...more }];
    }),
  );
}

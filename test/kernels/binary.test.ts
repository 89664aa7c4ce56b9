import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import relaxed from '../../src/wasm/binary/relaxed.js';
import relaxedThreads from '../../src/wasm/binary/relaxed-threads.js';
import strict from '../../src/wasm/binary/strict.js';
import strictThreads from '../../src/wasm/binary/strict-threads.js';

/**
 * The compiled kernels, byte for byte: what only moves or renames text, as the templates of the tiles do, changes nothing. A change that is meant to change
 * them, or another version of AssemblyScript, comes with new hashes and the benches that say what it gains.
 */
const sha256 = {
  strict: 'd457d92bbea0ace7d9d755d774c432d26d2c5738fcf9affec64dccc4f6a30644',
  relaxed: '26cc68d4da4d5f2a23e17d98badbcbfd6e47a74d10bd01fa252e50ce26d6554e',
  'strict-threads': '9886afbafea94e908d7b07a6aad9a783da71cfd8249064e732783024130309f2',
  'relaxed-threads': '39cc6332aef5594e5bf1560cdb9349a1a91bcf894ffe58e36973143ec7225527',
};

test('the compiled kernels are these', () => {
  const compiled = { strict, relaxed, 'strict-threads': strictThreads, 'relaxed-threads': relaxedThreads };
  const hashes = Object.entries(compiled).map(([name, base64]) => [
    name,
    createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(sha256);
});

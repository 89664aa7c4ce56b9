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
  strict: 'e68ec1a5b00ec9f5b8b49dfe09d732af3ba0c92653ea01e2f670f00e5cd4dcd3',
  relaxed: '93ce9ffcf046f31068927fa0fb0eaa82570c883d1f7be937ed26291e5890d7ff',
  'strict-threads': '1bdb8ed033ed1ca454b27dfb29cce14573f362a8cbf92ba7829bb538b59a3184',
  'relaxed-threads': 'df42f055f3ad5c6b8de2b10dc966a34685a69cd95114a3abce86744c5753bd44',
};

test('the compiled kernels are these', () => {
  const compiled = { strict, relaxed, 'strict-threads': strictThreads, 'relaxed-threads': relaxedThreads };
  const hashes = Object.entries(compiled).map(([name, base64]) => [
    name,
    createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(sha256);
});

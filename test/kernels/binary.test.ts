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
  strict: 'bec776402d3d4cb64c554d4373bc34434b2173eb613183d3230c4a9c8d209bc0',
  relaxed: '173592a652891c6e1a0b90c0a00162c734c14a51c07c290b70b931f08d2775fd',
  'strict-threads': 'a1d260cf33080618264c1beb2fb8171551f258f7ff91b7e1f38da25335591ad4',
  'relaxed-threads': '2a0eae1adb52886e620f401673ae010a877f594c0a34291ec3eaaf3d849ba11d',
};

test('the compiled kernels are these', () => {
  const compiled = { strict, relaxed, 'strict-threads': strictThreads, 'relaxed-threads': relaxedThreads };
  const hashes = Object.entries(compiled).map(([name, base64]) => [
    name,
    createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(sha256);
});

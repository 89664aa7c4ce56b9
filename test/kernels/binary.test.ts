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
  strict: '87bfb8850aa9528d3c60af12880387473405c24bfbf91a6e23fb9f96b2bf2286',
  relaxed: '8554b7021bf624fa0e4ff81e1f68854dd34ce9d555affa3c6293d07cc8b9c616',
  'strict-threads': '2b69d59794d13c4a0ba8637694977eb8dcf2a03c079791a71d5c9c3a18962309',
  'relaxed-threads': '56ecddb1585d4b8732a72cc160ee5e01cc97a2bcc52161d6a9e2147315bd6d97',
};

test('the compiled kernels are these', () => {
  const compiled = { strict, relaxed, 'strict-threads': strictThreads, 'relaxed-threads': relaxedThreads };
  const hashes = Object.entries(compiled).map(([name, base64]) => [
    name,
    createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(sha256);
});

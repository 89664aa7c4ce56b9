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
  strict: '0bd1dbdec4608ea4079fd5811ed4e608c7ee16f0c0c8503560f5c249294fca38',
  relaxed: '8b944aea9a0de385e82afc072c0b6b559907b9a5045fc162aebf3195211c4aa4',
  'strict-threads': 'e23198719b2185a4ef385b86f929f736610abb11f35199303e14064534ce465d',
  'relaxed-threads': 'ec5f938d0cbd5832038f5ec9aa5ff65e62d15740c00adb54e9391db045da0a8c',
};

test('the compiled kernels are these', () => {
  const compiled = { strict, relaxed, 'strict-threads': strictThreads, 'relaxed-threads': relaxedThreads };
  const hashes = Object.entries(compiled).map(([name, base64]) => [
    name,
    createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(sha256);
});

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
  strict: '898595adc346e7fbde541967e10aca273e07808187a2cf57d31388a939bef11d',
  relaxed: '342def99d7eb10188e53e97b10cb75f66bb6d1081219fd9942b07984434318ab',
  'strict-threads': 'fc8ec5b541dcf1daecfa8974937a1fff4cc053b8466fbdfe590884ae2e9f75ba',
  'relaxed-threads': 'f0e63e2f8afa55a5d2bba4e2e836e4816107969261627e6bddafd7f8dacccb98',
};

test('the compiled kernels are these', () => {
  const compiled = { strict, relaxed, 'strict-threads': strictThreads, 'relaxed-threads': relaxedThreads };
  const hashes = Object.entries(compiled).map(([name, base64]) => [
    name,
    createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(sha256);
});

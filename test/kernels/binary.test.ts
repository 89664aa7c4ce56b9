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
  strict: '9c30b9de378b0f628bedfbecc7e8f1bea7e932fe8b036bec8d2d693930b3f9d3',
  relaxed: '60526899bc68aefbe13b2dd4d36551afeab125acd168f8db396a6ebcc1bcd62a',
  'strict-threads': 'ad194962dec52280f80415bf612ee331b4e62ff651b9a52f938274bf85a38119',
  'relaxed-threads': '379c5b59f993b1a12295df063f5c43eceb71d866c59d90148d528aa38835de0e',
};

test('the compiled kernels are these', () => {
  const compiled = { strict, relaxed, 'strict-threads': strictThreads, 'relaxed-threads': relaxedThreads };
  const hashes = Object.entries(compiled).map(([name, base64]) => [
    name,
    createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(sha256);
});

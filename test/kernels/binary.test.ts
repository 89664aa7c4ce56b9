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
  strict: '2dcc6dfc3563c08f49bb21b17e7f1bb50c322b0485f25cf276e553b1ecf91875',
  relaxed: '293812b547642c0d997794cd97866a7e0dd92eb92cc29dc29f36b67fa7d1bbfd',
  'strict-threads': '6a119fc7e4b87b7a7846dd6ef445c99a3e508c1bfda1e3f25efdd85cf144d755',
  'relaxed-threads': 'e75201403392b2432532de40f191464b9be151530db24e63703609b9c395fc7d',
};

test('the compiled kernels are these', () => {
  const compiled = { strict, relaxed, 'strict-threads': strictThreads, 'relaxed-threads': relaxedThreads };
  const hashes = Object.entries(compiled).map(([name, base64]) => [
    name,
    createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(sha256);
});

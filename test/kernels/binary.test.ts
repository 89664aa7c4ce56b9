import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import relaxed from '../../src/wasm/binary/relaxed.js';
import relaxedThreads from '../../src/wasm/binary/relaxed-threads.js';
import strict from '../../src/wasm/binary/strict.js';
import strictThreads from '../../src/wasm/binary/strict-threads.js';
import trainingRelaxed from '../../src/wasm/binary/training/relaxed.js';
import trainingRelaxedThreads from '../../src/wasm/binary/training/relaxed-threads.js';
import trainingStrict from '../../src/wasm/binary/training/strict.js';
import trainingStrictThreads from '../../src/wasm/binary/training/strict-threads.js';

/**
 * The compiled kernels, byte for byte: what only moves or renames text, as the templates of the tiles do, changes nothing. A change that is meant to change
 * them, or another version of AssemblyScript, comes with new hashes and the benches that say what it gains.
 */
const sha256 = {
  strict: '93f6a48fabb836f7eca6ec79791bd5961d9413eb8e723b7f20dee54768c175ee',
  relaxed: '4c01499ef7209b422571cd4e3a7704224f6e7f1e1caeff3b99d19c7206beb16d',
  'strict-threads': '8f1bcc07b55ad45e1aa03e3ac3caf22df4334411a5336f68608d4923046d0f3e',
  'relaxed-threads': '65bede0f3c58f3d9f19c04612067eb460bf1040ca207eb674c654ad28538ad26',
  'training/strict': '84cb46f8a792d17133f39d4e33d6c5603ca5994d402b06926394147da763dc16',
  'training/relaxed': 'f0af8372314fe844c80eee35db0d3bf17b3ecdf906eb83a761f9fef0e2646aaa',
  'training/strict-threads': 'd78857f919419577ab87d214f04926c80773bfcfa77ff1cc3131f58529d0a80c',
  'training/relaxed-threads': 'edc9f5a5d2dd3ecb944a8105c849170eac6f2b5bb062a46a6b2cf0945e4827ad',
};

test('the compiled kernels are these', () => {
  const compiled = {
    strict,
    relaxed,
    'strict-threads': strictThreads,
    'relaxed-threads': relaxedThreads,
    'training/strict': trainingStrict,
    'training/relaxed': trainingRelaxed,
    'training/strict-threads': trainingStrictThreads,
    'training/relaxed-threads': trainingRelaxedThreads,
  };
  const hashes = Object.entries(compiled).map(([name, base64]) => [
    name,
    createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(sha256);
});

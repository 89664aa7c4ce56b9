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
  'training/strict': '0dc46395d25222b591d6f00e020b2d03914cc7425c245eeb5566088f499f5232',
  'training/relaxed': '23f4421cdf789d57d02a48b48393bdc2b985a8a97882f6dc2936a26c8876fed9',
  'training/strict-threads': '51309b821bf59fbdcbc839b662936f0e3985d854863a2984190c6de1ace0599b',
  'training/relaxed-threads': '98ea17a4bc469b4d50a5c1a58b92783e418b32a03ccbaaca72f93cc65cc920ba',
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

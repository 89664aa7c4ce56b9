import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import importedRelaxed from '../../src/wasm/binary/imported/relaxed.js';
import importedRelaxedThreads from '../../src/wasm/binary/imported/relaxed-threads.js';
import importedStrict from '../../src/wasm/binary/imported/strict.js';
import importedStrictThreads from '../../src/wasm/binary/imported/strict-threads.js';
import quantisedRelaxed from '../../src/wasm/binary/quantised/relaxed.js';
import quantisedRelaxedThreads from '../../src/wasm/binary/quantised/relaxed-threads.js';
import quantisedStrict from '../../src/wasm/binary/quantised/strict.js';
import quantisedStrictThreads from '../../src/wasm/binary/quantised/strict-threads.js';
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
  strict: 'eb6e8563c75ce741ed8f6a245d9cf4163e46146d217c0b4279a6b80319538ed1',
  relaxed: '11be0bc00bfdec703b63586f7d4730974eae25b59439da6f391db2926966b568',
  'strict-threads': 'c1905d702299cbd972985a5cc0e6f5ff5d5293ba3c04b73d53b6052255efa0bd',
  'relaxed-threads': '614b7537f20cce6a0d4f04a98eb4f31a798f1f9e683abfeee36f3b47bd87dfa2',
  'imported/strict': '5eefd6ff953a6c116c30aa1f21b540b4fcfb6d1a51d012a2c21abea2a16e33ce',
  'imported/relaxed': 'b43b18f07baff3edc0bd881aa75e1636226704d9cf52eef8232b4765d5da99fb',
  'imported/strict-threads': '47bf4aac7a4d9142e24fadf66bcc98015e29346a77326a66b917c7e262bc62c3',
  'imported/relaxed-threads': 'd3d2742edfd6245378826e340a43cbab292354bc1acdef8c334d5081fa3748b2',
  'training/strict': '84cb46f8a792d17133f39d4e33d6c5603ca5994d402b06926394147da763dc16',
  'training/relaxed': 'f0af8372314fe844c80eee35db0d3bf17b3ecdf906eb83a761f9fef0e2646aaa',
  'training/strict-threads': 'd78857f919419577ab87d214f04926c80773bfcfa77ff1cc3131f58529d0a80c',
  'training/relaxed-threads': 'edc9f5a5d2dd3ecb944a8105c849170eac6f2b5bb062a46a6b2cf0945e4827ad',
  'quantised/strict': '148e7ee0047aeb825f813142deae67dc4e6d53406c111306986cbb71b37bb3e2',
  'quantised/relaxed': 'f3f65973d4368104ed8e7976a10b08e1616c9912c6744bf4720f764eaa56d7f4',
  'quantised/strict-threads': '1562badc6689d9382e34c3174742f15f06d9f10b774c4b2425ea1ebd2c17ab22',
  'quantised/relaxed-threads': 'c4ea8732a701802989592fcffacade48c8503314de333ec00680e78b4656d16c',
};

test('the compiled kernels are these', () => {
  const compiled = {
    strict,
    relaxed,
    'strict-threads': strictThreads,
    'relaxed-threads': relaxedThreads,
    'imported/strict': importedStrict,
    'imported/relaxed': importedRelaxed,
    'imported/strict-threads': importedStrictThreads,
    'imported/relaxed-threads': importedRelaxedThreads,
    'training/strict': trainingStrict,
    'training/relaxed': trainingRelaxed,
    'training/strict-threads': trainingStrictThreads,
    'training/relaxed-threads': trainingRelaxedThreads,
    'quantised/strict': quantisedStrict,
    'quantised/relaxed': quantisedRelaxed,
    'quantised/strict-threads': quantisedStrictThreads,
    'quantised/relaxed-threads': quantisedRelaxedThreads,
  };
  const hashes = Object.entries(compiled).map(([name, base64]) => [
    name,
    createHash('sha256').update(Buffer.from(base64, 'base64')).digest('hex'),
  ]);
  expect(Object.fromEntries(hashes)).toEqual(sha256);
});

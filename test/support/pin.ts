import fc from 'fast-check';
import { enableRelaxed } from '../../src/node/engine.js';
import { cases } from './length.js';

/** CI and a plain run replay one pinned seed; FC_SEED=random explores, FC_SEED=n replays a failure. */
const { FC_SEED } = process.env;
const seed = FC_SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(FC_SEED ?? 20171109);

fc.configureGlobal({ seed, verbose: 1, numRuns: cases(100) });

// Node 20 has relaxed SIMD behind a flag; the tests run both kinds of kernels on every engine that has both.
enableRelaxed();

import { readFileSync } from 'node:fs';
import { createClassifier, createModel, saveSafetensors, syntheticWeights } from '../../dist/src/index.js';

/** Asks a classifier in a worker, whose session has two threads, of bytes, a blob and a source; then forgets it. */
const cat = readFileSync(new URL('../../assets/images/chelsea.png', import.meta.url));
const bytes = saveSafetensors(syntheticWeights(createModel('legacy_seresnet18', { classes: 3 }), { seed: 1, gain: 1 }));
const source = { size: bytes.length, read: async (begin, length) => bytes.subarray(begin, begin + length) };
const own = await createClassifier({ worker: true, weights: source, size: 64 });
console.log((await own.classify(new Blob([cat]))).top.length, 'classes');
own.dispose();

const plain = await createClassifier();
const inWorker = await createClassifier({ worker: true, threads: 2 });
const [expected, { top, logits }] = [await plain.classify(cat), await inWorker.classify(cat)];
console.log(
  top[0].label,
  inWorker.session.threads,
  'threads',
  logits.every((logit, i) => logit === expected.logits[i]) ? 'same bits' : 'other bits',
);
await inWorker.classify('cat.png').catch(({ name }) => console.log(name));
inWorker.classify(cat).then(() => console.log('the last answer too')); // nothing but the task keeps the process alive

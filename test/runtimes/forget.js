import { compile, createModel, syntheticTensor, syntheticWeights } from '../../dist/src/index.js';

/** Runs a network on two threads and forgets to dispose of them. */
const graph = createModel('legacy_seresnet18', { size: 32 });
const session = await compile(graph, syntheticWeights(graph, { seed: 1, gain: 1 }), { threads: 2 });
const image = syntheticTensor('input', [1, 3, 32, 32], 1);
session.run(image);
await session.runAsync(image);
session.runAsync(image).then(() => console.log('the last run too')); // nothing but the run keeps the process alive
console.log(session.threads, 'threads');

import { compile, createClassifier, createModel, supports, syntheticTensor, syntheticWeights } from '../../dist/src/index.js';
import { bitsOf, strictOutputs } from '../../dist/src/verify/bits.js';
import { judge, vectorGraph } from '../../dist/src/verify/judge.js';
import { conformanceLimits, parseVector } from '../../dist/src/verify/vector.js';
import { fusesProducts } from '../../dist/src/wasm/features.js';

/**
 * What every runtime of docs/runtimes.md does: the one program, as it ships. Task and answer are plain data (see answer.ts). What throws is told as a text in
 * the place of its result, and the rest goes on.
 */
export async function answer({ vectors, pictures, networks, threaded }) {
  const builds = ['strict', 'relaxed'].filter(supports);
  return {
    sharedMemory: typeof SharedArrayBuffer !== 'undefined' && globalThis.crossOriginIsolated !== false,
    relaxed: !supports('relaxed') ? 'none' : fusesProducts() ? 'fused' : 'not fused',
    vectors: await each(vectors, 'model', conform),
    pictures: await each(pictures, 'file', classify),
    bits: await each(networks, 'id', (network) => bitsByBuild(network, builds, 1)),
    threads: await each(threaded, 'id', (network) => bitsByBuild(network, builds, 2)),
  };
}

/** Results by what `key` calls the tasks. One after the other, since a network may need much of the memory. */
async function each(tasks, key, perform) {
  const results = {};
  for (const task of tasks) results[task[key]] = await perform(task).catch(({ name, message }) => `${name}: ${message}`);
  return results;
}

/** The error of strict direct logits against PyTorch's in float64, and whether gates and logits are within the limits. */
async function conform(json) {
  const vector = parseVector(json);
  const { relativeError, pass } = judge(vector, vectorGraph(vector), await strictOutputs(vector), conformanceLimits.direct);
  return { error: relativeError, pass };
}

/** What a classifier says without options, and the bits of its strict direct logits. */
async function classify({ base64 }) {
  const picture = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  const first = await classifyWith(picture, {});
  const { logits } = await classifyWith(picture, { kernels: 'strict', algorithms: 'direct' });
  return { label: first.top[0].label, bits: bitsOf(logits) };
}

async function classifyWith(picture, options) {
  const classifier = await createClassifier(options);
  const classification = await classifier.classify(picture);
  classifier.dispose();
  return classification;
}

/** The bits of a network's direct logits by each build, and how many threads there were: where there is one only, why. */
async function bitsByBuild({ id, size }, builds, threads) {
  const graph = createModel(id, { size });
  const weights = syntheticWeights(graph, { seed: 7, gain: 1 });
  const image = syntheticTensor('input', [1, 3, size, size], 7);
  const found = {};
  for (const kernels of builds) {
    // one tile everywhere: a measured one may differ between runs
    const session = await compile(graph, weights, { kernels, algorithms: 'direct', threads, tile: '4x8' });
    found[kernels] = bitsOf((await session.runAsync(image)).get('logits').data);
    found.threads = session.threads;
    found.note = session.threadsNote;
    session.dispose();
  }
  return found;
}

import { readFileSync, writeFileSync } from 'node:fs';
import { compile, syntheticTensor, syntheticWeights } from '../dist/src/index.js';
import { crc32 } from '../dist/src/io/crc32.js';
import { vectorGraph } from '../dist/src/verify/judge.js';
import { parseVector } from '../dist/src/verify/vector.js';

/** `npm run page:bits`: the bits that strict kernels give in this Node for the vectors that ship, which the page compares a browser's with. */
const bits = {};
for (const name of ['resnet-50', 'se-resnet-50', 'se-resnext-50']) {
  const vector = parseVector(JSON.parse(readFileSync(new URL(`../assets/conformance/${name}.json`, import.meta.url), 'utf8')));
  const graph = vectorGraph(vector);
  const session = await compile(graph, syntheticWeights(graph, vector), { kernels: 'strict', algorithms: 'direct', tile: '4x8' });
  const { data } = session.run(syntheticTensor('input', vector.input, vector.seed)).get('logits');
  bits[vector.id] = crc32(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    .toString(16)
    .padStart(8, '0');
  session.dispose();
}
writeFileSync(new URL('../page/src/work/recorded.json', import.meta.url), `${JSON.stringify(bits, null, 2)}\n`);

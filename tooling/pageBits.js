// `npm run page:bits`: the bits that strict kernels give in this Node for the vectors that ship, with which the page compares a browser's.
import { readFileSync, writeFileSync } from 'node:fs';
import { bitsOf, strictOutputs } from '../dist/src/verify/bits.js';
import { parseVector } from '../dist/src/verify/vector.js';

const bits = {};
for (const name of ['resnet-50', 'se-resnet-50', 'se-resnext-50']) {
  const vector = parseVector(JSON.parse(readFileSync(new URL(`../assets/conformance/${name}.json`, import.meta.url), 'utf8')));
  bits[vector.id] = bitsOf((await strictOutputs(vector)).get('logits').data);
}
writeFileSync(new URL('../page/src/jobs/recorded.json', import.meta.url), `${JSON.stringify(bits, null, 2)}\n`);
